package ldapi

import (
	"encoding/json"

	"github.com/ldapi-go/ldapi/internal/codec"
)

// modelPointer is a model's pointer type, for tests that make models of all kinds.
type modelPointer[T any] interface {
	*T
	model
	json.Marshaler
	json.Unmarshaler
}

// decodeDocument reads a document as a call reads a response.
func decodeDocument(m model, data []byte, strict bool) error {
	return codec.Decode(m, m.decode, data, strict)
}
