package ldapi

import "github.com/ldapi-go/ldapi/internal/codec"

// Models pass their codec as functions, not through an interface: the linker keeps every method that an interface could call, so a
// program that lists members would contain the code of all models.

// encodeDocument returns the JSON that write produces.
func encodeDocument(write func(e *codec.Encoder)) ([]byte, error) {
	return codec.Encode(write, func(write func(e *codec.Encoder), e *codec.Encoder) { write(e) })
}
