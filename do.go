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

// model is implemented by every generated model.
type model interface {
	decode(d *codec.Decoder) bool
	encode(e *codec.Encoder)
}

// Do calls any other endpoint of the API, with the same credentials, headers, limits and errors as
// the operations of the services.
//
// path starts with "/", as in "/api/v2/caller-identity", and is sent unchanged, so it must be
// escaped. query is encoded. body is sent as JSON: nil for no body, []byte and json.RawMessage
// unchanged, models and all other values as encoding/json writes them, except that nil lists and
// maps are sent as empty ones. The body of the response is decoded into out: nil to ignore it,
// *[]byte for the bytes, any other pointer as encoding/json does. The Content-Type of a request
// with a body, and of every POST, PATCH and PUT, is application/json unless [ContextWithHeader]
// sets another.
//
// [WithStrictDecoding] and the limit on the memory of decoding apply to models only, not to lists
// or structs that contain models. If the path is invalid, Do returns an [ArgumentError].
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

// decodeInto decodes a body into the out of Do. Its errors contain nothing of the body.
func decodeInto(out any, body []byte, strict bool) error {
	switch out := out.(type) {
	case *[]byte:
		*out = slices.Clone(body)
		return nil
	case model:
		return codec.Decode(out, out.decode, body, strict)
	}
	return codec.UnmarshalInto(out, body)
}
