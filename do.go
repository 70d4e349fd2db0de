package ldapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/ldapi-go/ldapi/internal/codec"
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
// value as encoding/json writes them. The response's body is decoded into out: nil for not at all, *[]byte for the bytes
// as they came, else as encoding/json reads them. The Content-Type is application/json unless ContextWithHeader says
// otherwise. WithStrictDecoding is for models only, not for lists or structs with models in them. Errors are those of every call; a path that is none is *ArgumentError.
func (c *APIClient) Do(ctx context.Context, method, path string, query url.Values, body, out any) (*http.Response, error) {
	op := &operation{Operation: Operation{ID: "do", Method: method, Route: path}}
	args := arguments{rawPath: path, bodyName: "body", body: body}
	if !wire.IsToken(method) {
		args.refuse("method", "is not an HTTP method")
	}
	if reason := wire.CheckPath(path); reason != "" {
		args.refuse("path", reason)
		op.Route = ""
	}
	for _, name := range codec.SortedKeys(query) {
		for _, value := range query[name] {
			args.query = append(args.query, argument{name: name, value: value})
		}
	}
	if body != nil {
		args.encode = func(e *codec.Encoder) { encodeAnyBody(body, e) }
	}
	k := c.newCall(ctx, op, args)
	if out != nil {
		if IsNil(out) || reflect.TypeOf(out).Kind() != reflect.Pointer {
			k.args.refuse("out", "must be a pointer that is not nil")
		}
		k.into = func(body []byte, strict bool) error { return decodeInto(out, body, strict) }
	}
	return c.run(k)
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
		if err := codec.Decode(out, model.decode, body, strict); err != nil {
			return err
		}
		return nil
	}
	err := json.Unmarshal(body, out)
	var model *codec.Error
	var mismatch *json.UnmarshalTypeError
	switch {
	case err == nil || errors.As(err, &model):
		return err
	case !json.Valid(body):
		return &codec.Error{Reason: codec.Malformed(body)}
	case errors.As(err, &mismatch):
		kind, _, _ := strings.Cut(mismatch.Value, " ") // a number comes with its digits
		return &codec.Error{Path: mismatch.Field, Reason: "want " + mismatch.Type.String() + ", got " + kind}
	default:
		return &codec.Error{Reason: "the document does not fit what it is to be read into"}
	}
}
