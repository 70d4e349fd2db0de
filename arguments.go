package ldapi

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ldapi-go/ldapi/internal/codec"
	"github.com/ldapi-go/ldapi/internal/wire"
)

// argument is a path or query parameter that is set. literal means that its value is a JSON number
// or boolean.
type argument struct {
	name, value string
	literal     bool
}

// versionLimit is the last LD-API-Version that supports a parameter. The zero versionLimit means that all do.
type versionLimit struct{ last, parameter string }

// arguments are the values that a request was built with.
type arguments struct {
	path     []argument
	query    []argument             // in any order until the URL is built
	body     any                    // as the builder was given it
	encode   func(e *codec.Encoder) // writes the body; nil for none
	bodyName string
	file     io.Reader // to send as the body's part bodyName
	mostFile int64     // bytes of file
	rawPath  string    // of APIClient.Do, in place of the operation's route
	problem  *ArgumentError
	version  versionLimit
}

func (a *arguments) pathString(name, value string) {
	a.path = append(a.path, argument{name: name, value: value})
	switch {
	case value == "":
		a.refuse(name, "must not be empty")
	case value == "." || value == "..":
		a.refuse(name, "must not be a dot segment")
	case strings.IndexFunc(value, wire.IsControl) >= 0:
		a.refuse(name, "must not contain control characters")
	}
}

func (a *arguments) queryString(name string, v *string) {
	if v != nil {
		a.query = append(a.query, argument{name: name, value: *v})
	}
}

func (a *arguments) queryBool(name string, v *bool) {
	if v != nil {
		a.query = append(a.query, argument{name, strconv.FormatBool(*v), true})
	}
}

func (a *arguments) queryInt64(name string, v *int64) {
	if v != nil {
		a.query = append(a.query, argument{name, strconv.FormatInt(*v, 10), true})
	}
}

func (a *arguments) queryInt32(name string, v *int32) {
	if v != nil {
		a.query = append(a.query, argument{name, strconv.FormatInt(int64(*v), 10), true})
	}
}

// atLeast refuses a query parameter below its minimum.
func (a *arguments) atLeast(name string, v *int64, least int64) {
	if v != nil && *v < least {
		a.refuse(name, fmt.Sprintf("must not be less than %d", least))
	}
}

// noMoreThan refuses a query parameter above its maximum.
func (a *arguments) noMoreThan(name string, v *int64, most int64) {
	if v != nil && *v > most {
		a.refuse(name, fmt.Sprintf("must not be greater than %d", most))
	}
}

// atMost refuses a body with more elements than the API accepts.
func atMost[T any](a *arguments, name string, v *[]T, most int) {
	if v != nil && len(*v) > most {
		a.refuse(name, fmt.Sprintf("must not hold more than %d elements, has %d", most, len(*v)))
	}
}

// setBody sets the required body of an operation.
func setBody[T any](a *arguments, name string, v *T, value func(*T, *codec.Encoder)) {
	if v == nil {
		a.refuse(name, "is required")
		return
	}
	a.checkBody(name, v)
	a.body = *v
	a.encode = func(e *codec.Encoder) { value(v, e) }
}

// checkBody sets the name of the body, and refuses a body whose own check fails.
func (a *arguments) checkBody(name string, v any) {
	a.bodyName = name
	if checked, ok := v.(interface{ check() string }); ok {
		if reason := checked.check(); reason != "" {
			a.refuse(name, reason)
		}
	}
}

// setBodySlice sets the required body of an operation, an array.
func setBodySlice[T any](a *arguments, name string, v *[]T, value func(*T, *codec.Encoder)) {
	setBody(a, name, v, func(v *[]T, e *codec.Encoder) { codec.EncodeSlice(v, e, value) })
}

// mirrorQuery makes the body repeat query parameters as the properties of an object; those that are not set are left out. If none
// is, there is no body.
func (a *arguments) mirrorQuery(names ...string) {
	query := a.query
	if !slices.ContainsFunc(query, func(q argument) bool { return slices.Contains(names, q.name) }) {
		return
	}
	a.encode = func(e *codec.Encoder) {
		f := e.Object(nil)
		for _, q := range query {
			if !slices.Contains(names, q.name) {
				continue
			}
			f.Write(q.name)
			if q.literal {
				e.Raw([]byte(q.value))
			} else {
				codec.EncodeString(&q.value, e)
			}
		}
		f.End()
	}
}

// refuse records the first problem, which the call reports.
func (a *arguments) refuse(parameter, reason string) {
	if a.problem == nil {
		a.problem = &ArgumentError{Parameter: parameter, Reason: reason}
	}
}

// paramsOf returns the arguments as fakes of the services see them. Inlined, it would be compiled
// twice for each operation; that and inlining [allItems] and [collect] would take a twentieth of
// the build (BenchmarkColdBuild).
//
//go:noinline
func paramsOf(a arguments) Params {
	p := Params{Path: make(map[string]string, len(a.path)), Query: make(url.Values, len(a.query)), Body: a.body}
	for _, arg := range a.path {
		p.Path[arg.name] = arg.value
	}
	for _, arg := range a.query {
		p.Query.Add(arg.name, arg.value)
	}
	return p
}
