package ldapi

import "github.com/ldapi-go/ldapi/internal/codec"

// model is what every generated model offers to the codec.
type model interface {
	decodable
	encode(e *codec.Encoder)
}

// decodable reads itself from a document.
type decodable interface {
	decode(d *codec.Decoder) bool // reports whether there was an object to read
}

// modelPointer is a model's pointer type, for generic code that makes a model itself.
type modelPointer[T any] interface {
	*T
	model
}

// unmarshal is UnmarshalJSON of every model. As encoding/json asks of it, null changes nothing.
func unmarshal(m model, data []byte) error {
	if string(data) == "null" {
		return nil
	}
	return decodeDocument(m, data, false)
}

// decodeDocument reads the document of m. What could be read is in m also when there is an error.
func decodeDocument(m decodable, data []byte, strict bool) error {
	return codec.Decode(m, decodable.decode, data, strict)
}

// marshal is MarshalJSON of every model.
func marshal(m model) ([]byte, error) { return codec.Encode(m, model.encode) }

// encodeDocument gives what write has the encoder write.
func encodeDocument(write func(e *codec.Encoder)) ([]byte, error) {
	return codec.Encode(write, func(write func(e *codec.Encoder), e *codec.Encoder) { write(e) })
}
