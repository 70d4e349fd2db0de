package ldapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/ldapi-go/ldapi/internal/codec"
	"github.com/ldapi-go/ldapi/internal/inspect"
	"github.com/ldapi-go/ldapi/internal/wire"
)

// model is what every generated model offers to Do.
type model interface {
	decode(d *codec.Decoder) bool
	encode(e *codec.Encoder)
}

// Do calls any other endpoint of the API through the same pipeline: credentials, headers, bounds, errors.
//
// path starts with "/" ("/api/v2/caller-identity") and is sent as it is, so what needs escaping must be escaped; the
// query goes into query. body is sent as JSON: nil for none, []byte and json.RawMessage as they are, models and any other
// value as encoding/json writes them, except that nil lists and maps are sent as empty ones. The response's body is decoded into out: nil for not at all, *[]byte for the bytes
// as they came, else as encoding/json reads them. The Content-Type of a request with a body, and of every POST, PATCH
// and PUT, is application/json unless [ContextWithHeader] sets another. WithStrictDecoding is for models only, not for lists or structs with models in them, and so is the bound on the memory
// that decoding takes: what encoding/json reads into is for the caller to choose. Errors are those of every call; an invalid
// path is an [ArgumentError].
func (c *APIClient) Do(ctx context.Context, method, path string, query url.Values, body, out any) (*http.Response, error) {
	op := &operation{Operation: Operation{ID: "do", Method: method, Route: path}}
	k := c.newCall(ctx, op)
	args := &k.args
	args.rawPath, args.bodyName, args.body = path, "body", body
	if !wire.IsToken(method) {
		args.refuse("method", "is not an HTTP method")
	}
	if reason := wire.CheckPath(path); reason != "" {
		args.refuse("path", reason)
		op.Route = ""
	}
	for _, name := range inspect.SortedKeys(query) {
		for _, value := range query[name] {
			args.query = append(args.query, argument{name: name, value: value})
		}
	}
	if body != nil {
		args.encode = func(e *codec.Encoder) { encodeAnyBody(body, e) }
	}
	if out != nil {
		if !inspect.IsPointer(out) {
			args.refuse("out", "must be a pointer that is not nil")
		}
		k.into = func(body []byte, strict bool) error { return decodeInto(out, body, strict) }
	}
	return k.run()
}

func encodeAnyBody(body any, e *codec.Encoder) {
	switch b := body.(type) {
	case []byte:
		e.Raw(b)
	case json.RawMessage:
		e.Raw(b)
	case model:
		if IsNil(b) {
			e.Any(nil)
		} else {
			b.encode(e)
		}
	default:
		e.Any(b)
	}
}

// decodeInto reads a body into what the caller gave. Its errors repeat nothing of the body.
func decodeInto(out any, body []byte, strict bool) error {
	switch out := out.(type) {
	case *[]byte:
		*out = slices.Clone(body)
		return nil
	case model:
		return codec.Decode(out, model.decode, body, strict)
	}
	return codec.UnmarshalInto(out, body)
}
