package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each case replaces a part of the small description, and contains the expected error.
type refusal struct{ name, old, new, want string }

// Parts of the small description that cases replace.
const (
	size  = "size: {type: integer, description: the size.}"
	limit = "- {name: limit, in: query, description: The limit., schema: {type: integer, format: int64, minimum: 1}}"
	named = "required: [name]\n      properties:\n        name: {type: string, description: the name., example: cup}\n"
	next  = "    Missing:\n" // a schema; others can be put before it
)

var refusals = []refusal{
	{"allOf", size, "size: {description: x., allOf: [{$ref: '#/components/schemas/Thing'}, {type: object}]}",
		"schema Thing: property size: allOf is not supported"},
	{"oneOf", size, "size: {description: x., oneOf: [{type: string}]}", "property size: oneOf, anyOf, not and discriminator"},
	{"anyOf", size, "size: {description: x., anyOf: [{type: string}]}", "property size: oneOf, anyOf, not and discriminator"},
	{"not", size, "size: {description: x., not: {type: string}}", "property size: oneOf, anyOf, not and discriminator"},
	{"object without a name", size, "size: {description: x., type: object, properties: {a: {type: string}}}",
		"property size: an object with properties needs a name"},
	{"closed object", "      additionalProperties: {type: string}", "      additionalProperties: false",
		"schema Labels: additionalProperties: false"},
	{"typed rest", "      description: a thing.\n", "      description: a thing.\n      additionalProperties: {type: string}\n",
		"schema Thing: properties beside typed additionalProperties"},
	{"schema within itself", "      additionalProperties: {type: string}",
		"      additionalProperties: {$ref: '#/components/schemas/Labels'}", "schema Labels: schema Labels contains itself"},
	{"format of a text", size, "size: {type: string, format: date-time, description: x.}", `type string with format "date-time"`},
	{"required and missing", "required: [name]", "required: [name, colour]", "requires colour, which is no property"},
	{"default of a list", size, "size: {type: array, items: {type: string}, default: [a], description: x.}",
		"property size: a default is supported for"},
	{"schema without description", "      description: a thing.\n", "", "schema Thing: has no description"},
	{"property without description", size, "size: {type: integer}", "schema Thing: property size: has no description"},
	{"operation without description", "      description: Makes a thing.\n", "", "POST /things/{id}: has no description"},
	{"operation without summary", "      summary: Make a thing\n", "", "POST /things/{id}: summary: has no description"},
	{"parameter without description", limit, "- {name: limit, in: query, schema: {type: string}}",
		"POST /things/{id}: parameter limit: has no description"},
	{"tag without description", ", description: Things that are kept.", "", "tag Things: has no description"},
	{"body without description", "        description: The thing to make.\n", "", "POST /things/{id}: requestBody: has no description"},
	{"header parameter", limit, "- {name: limit, in: header, description: x., schema: {type: string}}",
		"POST /things/{id}: parameter limit: parameters in header are not supported"},
	{"cookie parameter", limit, "- {name: limit, in: cookie, description: x., schema: {type: string}}",
		"parameter limit: parameters in cookie are not supported"},
	{"list in the query", limit, "- {name: limit, in: query, description: x., schema: {type: array, items: {type: string}}}",
		"parameter limit: query parameters must be"},
	{"minimum of int32", "format: int64, minimum: 1", "minimum: 1", "parameter limit: a minimum or maximum is supported for int64"},
	{"number in the path", "name: id, in: path, required: true, description: The ID of the thing., schema: {type: string}",
		"name: id, in: path, required: true, description: The ID., schema: {type: integer}", "parameter id: path parameters must be strings"},
	{"path parameter not in the path", "- {name: id, in: path", "- {name: other, in: path", "other"},
	{"body that is not JSON", "content:\n          application/json:", "content:\n          text/plain:",
		"requestBody: its content is text/plain"},
	{"body that is a text", "            schema: {$ref: '#/components/schemas/Thing'}\n      responses", "            schema: {type: string}\n      responses",
		"requestBody: must be an object"},
	{"response that is not JSON", "description: The thing.\n          content:\n            application/json:",
		"description: The thing.\n          content:\n            text/html:", "response 200: its content is text/html"},
	{"answer that is a list", "            application/json:\n              schema: {$ref: '#/components/schemas/Thing'}",
		"            application/json:\n              schema: {type: array, items: {type: string}}", "response 200: has to be an object"},
	{"two schemas for one status", "              schema: {$ref: '#/components/schemas/Missing'}\ncomponents",
		"              schema: {$ref: '#/components/schemas/Thing'}\ncomponents", "a status must have one"},
	{"two successful answers", "'204': {description: It is gone.}", "'204': {description: a.}\n        '202': {description: b.}",
		"DELETE /things/{id}: response 204: is a successful response beside 202"},
	{"no successful answer", "'204': {description: It is gone.}", "'304': {description: a.}", "DELETE /things/{id}: has no successful response"},
	{"default answer", "'204': {description: It is gone.}", "default: {description: a.}", "response default: a response needs one status"},
	{"unknown tag", "tags: [Things]", "tags: [Others]", "needs one tag, which is among the tags"},
	{"server variables", "x-region: eu", "variables: {}, description: ''", "description"},
	{"server without description", "description: The only one., ", "", "server https://things.example.com: needs a description"},
	{"variable server", "https://things.example.com, description: The only one.,",
		"'https://{zone}.example.com', description: x., variables: {zone: {default: eu}},", "variables are not supported"},
	{"server of an operation", "      operationId: dropThing\n", "      operationId: dropThing\n      servers: [{url: https://other.example.com}]\n",
		"DELETE /things/{id}: servers of its own are not supported"},
	{"no key", "  - Key: []", "  - {}", "security: one scheme in each requirement is supported"},
	{"body of a DELETE", "      operationId: dropThing\n",
		"      operationId: dropThing\n      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}\n",
		"DELETE /things/{id}: requestBody: a DELETE cannot have one"},
	{"tag of nothing", "description: Things that are kept.}", "description: Things that are kept.}\n  - {name: Others, description: x.}",
		"tag Others: has no operations"},
	{"x-safe of a DELETE", "      operationId: dropThing\n", "      operationId: dropThing\n      x-safe: true\n",
		"DELETE /things/{id}: x-safe belongs to a POST that only reads"},
	{"form without a file", "          application/json:\n            schema: {$ref: '#/components/schemas/Thing'}\n      responses",
		"          multipart/form-data: {schema: {type: object, properties: {a: {type: string, description: x.}}}}\n      responses",
		"requestBody: a form must have one property, a file: a string of format binary with a maxLength"},
	{"form with two files", "          application/json:\n            schema: {$ref: '#/components/schemas/Thing'}\n      responses",
		"          multipart/form-data: {schema: {type: object, properties: {a: {type: string, description: x.}, b: {type: string, description: x.}}}}\n      responses",
		"requestBody: a form must have one property, a file"},
	{"file without a description", "          application/json:\n            schema: {$ref: '#/components/schemas/Thing'}\n      responses",
		"          multipart/form-data: {schema: {type: object, properties: {a: {type: string, format: binary, maxLength: 9}}}}\n      responses",
		"requestBody: property a: has no description"},
	{"form without a schema", "          application/json:\n            schema: {$ref: '#/components/schemas/Thing'}\n      responses",
		"          multipart/form-data: {}\n      responses", "requestBody: a form must have one property, a file"},
	{"x-error of a failure", "        '404':\n          description: There is no such thing.\n          content:\n            application/json:\n              schema: {$ref: '#/components/schemas/Missing'}\ncomponents",
		"        '404':\n          x-error: ErrGone\n          description: There is no such thing.\n          content:\n            application/json:\n              schema: {$ref: '#/components/schemas/Missing'}\ncomponents",
		"DELETE /things/{id}: response 404: x-error belongs to one response with a status of success and a model"},
	{"x-error without a model", "'204': {description: It is gone.}", "'204': {description: It is gone.}\n        '207': {description: b., x-error: ErrGone}",
		"response 207: x-error belongs to one response with a status of success and a model"},
	{"x-error that does not exist", "'204': {description: It is gone.}",
		"'204': {description: It is gone.}\n        '207': {description: b., x-error: ErrGone, content: {application/json: {schema: {$ref: '#/components/schemas/Missing'}}}}",
		"x-error: no hand-written file has ErrGone"},
	{"mirror of nothing", "        description: The thing to make.\n", "        description: The thing to make.\n        x-mirror-query: true\n",
		"requestBody: x-mirror-query: there is no query parameter"},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range append(refusals, tooManyRequired()) {
		t.Run(c.name, func(t *testing.T) { t.Parallel(); c.check(t) })
	}
}

func tooManyRequired() refusal {
	var many []string
	for i := range maxRequired + 1 {
		many = append(many, fmt.Sprintf("p%d", i))
	}
	properties := "required: [" + strings.Join(many, ", ") + "]\n      properties:\n        " +
		strings.Join(many, ": {description: x.}\n        ") + ": {description: x.}\n"
	return refusal{"too many required", named, properties, "schema Thing: has 65 required properties; at most 64"}
}

var collisions = []refusal{
	{"field and method", size, "password: {type: string, description: x.}\n        hasPassword: {type: boolean, description: x.}",
		"Thing.HasPassword is needed twice: by property password of schema Thing and by property hasPassword of schema Thing"},
	{"two properties", size, "a_b: {type: string, description: x.}\n        aB: {type: string, description: x.}",
		"Thing.AB is needed twice: by property a_b of schema Thing and by property aB of schema Thing"},
	{"property and method of every model", size, "toMap: {type: string, description: x.}",
		"Thing.ToMap is needed twice: by every model and by property toMap of schema Thing"},
	{"two schemas", next, "    thing:\n      type: object\n      description: x.\n      properties: {a: {description: x.}}\n    Missing:\n",
		"Thing is needed twice: by schema Thing and by schema thing"},
	{"type and constructor", next, "    NewThing:\n      type: object\n      description: x.\n      properties: {a: {description: x.}}\n    Missing:\n",
		"NewThing is needed twice: by schema NewThing and by schema Thing"},
	{"type and hand-written type", next, "    Cup:\n      type: object\n      description: x.\n      properties: {a: {description: x.}}\n    Missing:\n",
		"Cup is needed twice: by hand.go and by schema Cup"},
	{"property and hand-written method", size, "filled: {type: boolean, description: x.}",
		"Thing.Filled is needed twice: by hand.go and by property filled of schema Thing"},
	{"region and hand-written constant", "x-region: eu", "x-region: us",
		"RegionUS is needed twice: by hand.go and by server https://things.example.com"},
	{"query parameter execute", "{name: limit, in: query", "{name: execute, in: query",
		"ApiMakeThingRequest.Execute is needed twice: by every request builder and by query parameter execute of operation makeThing"},
	{"query parameter context", "{name: limit, in: query", "{name: context, in: query", "ApiMakeThingRequest.Context is needed twice"},
	{"query parameter arguments", "{name: limit, in: query", "{name: arguments, in: query", "ApiMakeThingRequest.arguments is needed twice"},
	{"query parameter and body", "{name: limit, in: query", "{name: thing, in: query",
		"by query parameter thing of operation makeThing and by the request body of operation makeThing"},
	{"two operations", "operationId: dropThing", "operationId: MakeThing", "is needed twice: by operation"},
	{"service and schema", next, "    ThingsApi:\n      type: object\n      description: x.\n      properties: {a: {description: x.}}\n    Missing:\n",
		"ThingsApi is needed twice: by tag Things and by schema ThingsApi"},
	{"no Go name", size, "'größe': {type: string, description: x.}", `property größe: codegen can make no Go name of "größe"`},
}

func TestNameCollisions(t *testing.T) {
	t.Parallel()
	for _, c := range collisions {
		t.Run(c.name, func(t *testing.T) { t.Parallel(); c.check(t) })
	}
}

func (c refusal) check(t *testing.T) {
	small, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(small), c.old) {
		t.Fatalf("the small description does not contain %q", c.old)
	}
	dir := smallModule(t)
	write(t, dir, "openapi.yaml", strings.ReplaceAll(string(small), c.old, c.new))
	_, err = generate(filepath.Join(dir, "openapi.yaml"), dir)
	if err == nil || !strings.Contains(err.Error(), c.want) {
		t.Errorf("got  %v\nwant …%s…", err, c.want)
	}
}
