package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The additions to the real description: a service, operations and schemas with what the description has not used yet.
const (
	moreTags = `
  - {name: Flag links, description: Links that flags carry.}
  - {name: Flag link log, description: Changes of links., x-beta: true}
`
	morePaths = `
  /api/v2/flag-links/{type}/{key}:
    parameters:
      - {name: type, in: path, required: true, description: The type of the link., schema: {type: string}}
      - {name: key, in: path, required: true, description: The key of the flag., schema: {type: string}, example: my-flag}
    get:
      operationId: getFlagLink
      tags: [Flag links]
      summary: Get flag link
      deprecated: true
      description: "Returns a [link](https://example.com) of a **flag**:\n\n1. first\n2. second\n\n` + "```\\ncode\\n```" + `\n"
      parameters:
        - {name: env, in: query, required: true, description: The environment., schema: {type: string}}
        - {name: range, in: query, description: The range., schema: {type: integer, minimum: 1, format: int64}}
        - {name: page-size, in: query, description: The page size., schema: {type: integer}}
        - {name: err, in: query, description: Whether to err., schema: {type: boolean}}
      responses:
        '200':
          description: The link.
          content: {application/json: {schema: {$ref: '#/components/schemas/flag_link'}}}
        '418': {description: A teapot.}
        '503':
          description: Unavailable.
          x-observed: true
          content: {application/json: {schema: {$ref: '#/components/schemas/TeapotTest'}}}
    put:
      operationId: putFlagLink
      tags: [Flag links]
      summary: Put flag link
      description: Puts a link.
      security: []
      requestBody:
        description: The link.
        content: {application/json: {schema: {$ref: '#/components/schemas/flag_link'}}}
      responses:
        '204': {description: It is there.}
  /api/v2/tokens/count:
    get:
      operationId: countTokens
      tags: [Access tokens]
      summary: Count tokens
      description: Counts the tokens.
      responses:
        '200':
          description: The count.
          content: {application/json: {schema: {$ref: '#/components/schemas/TeapotTest'}}}
`
	moreSchemas = `
    flag_link:
      type: object
      description: a link of a flag.
      required: [type, weight, tags, self, extra, matrix]
      properties:
        type: {type: string, description: the type., default: web, enum: [web, app]}
        weight: {type: number, description: the weight., example: 0.5}
        tags: {type: object, additionalProperties: {type: string}, description: the tags.}
        self: {$ref: '#/components/schemas/Link'}
        extra: {description: anything.}
        matrix: {type: array, items: {type: array, items: {type: integer, format: int64}}, description: the matrix.}
        ratio: {type: number, format: double, description: the ratio., default: 1.5}
        count: {type: integer, description: the count., default: 3}
        more: {description: anything more.}
        note: {x-any: true, description: a note or null.}
        free: {type: object, description: a free-form object.}
        deep: {type: object, description: maps of lists of maps., additionalProperties: {type: array, items: {type: object, additionalProperties: {$ref: '#/components/schemas/Link'}}}}
        parent: {type: object, nullable: true, allOf: [{$ref: '#/components/schemas/flag_link'}], description: the link before., deprecated: true}
        api-key: {type: string, x-secret: true, description: the key.}
    TeapotTest:
      type: object
      description: an Error of a teapot.
      properties:
        code: {type: string, description: the code.}
`
)

// TestExtendedDescription does what a maintainer does: edit the description, and generate. The result has to compile with
// the hand-written files, with all the example programs of the pages.
func TestExtendedDescription(t *testing.T) {
	t.Parallel()
	dir := copyHandWritten(t)
	text, err := os.ReadFile(description)
	if err != nil {
		t.Fatal(err)
	}
	extended := string(text)
	for after, more := range map[string]string{"\ntags:\n": moreTags, "\npaths:\n": morePaths + listPaths, "\n  schemas:\n": moreSchemas + listSchemas} {
		if strings.Count(extended, after) != 1 {
			t.Fatalf("the description does not have one line %q", strings.TrimSpace(after))
		}
		extended = strings.Replace(extended, after, after[:len(after)-1]+more, 1)
	}
	write(t, dir, "api/openapi.yaml", extended)
	write(t, dir, "flag_links.go", listMethods)
	if err := run(filepath.Join(dir, "api/openapi.yaml"), dir, false); err != nil {
		t.Fatal(err)
	}
	for i, program := range programs(t, dir) {
		write(t, dir, "programs/p"+strconv.Itoa(i)+"/main.go", program)
	}
	write(t, dir, "model_flag_link_test.go", useOfExtension)
	write(t, dir, "flag_links_test.go", useOfLists)
	gofmt, err := exec.Command("gofmt", "-l", dir).CombinedOutput()
	if err != nil || len(gofmt) > 0 {
		t.Errorf("gofmt: %v\n%s", err, gofmt)
	}
	for _, arguments := range [][]string{{"build", "./..."}, {"vet", "./..."}, {"test", "."}} {
		command := exec.Command("go", arguments...)
		command.Dir = dir
		command.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, out)
		}
	}
}

// useOfExtension is a test of what was generated for the additions.
const useOfExtension = `package ldapi

import (
	"encoding/json"
	"testing"
)

func TestFlagLink(t *testing.T) {
	const doc = ` + "`" + `{"type":"web","weight":0.5,"tags":{"a":"b"},"self":{"href":"/x"},"extra":[1],"matrix":[[1,2],[]],"ratio":2.25,` +
	`"count":4,"more":true,"note":null,"free":{"a":1},"deep":{"a":[{"b":{"href":"/y"}}]},"parent":{"type":"app","weight":1,"tags":{},` +
	`"self":{},"extra":null,"matrix":[]},"api-key":"s","zz":1}` + "`" + `
	var l FlagLink
	if err := json.Unmarshal([]byte(doc), &l); err != nil {
		t.Fatal(err)
	}
	out, err := l.MarshalJSON()
	if err != nil || string(out) != doc {
		t.Errorf("%v\ngot  %s\nwant %s", err, out, doc)
	}
	if err := new(FlagLink).UnmarshalJSON([]byte(` + "`" + `{"weight":1e999}` + "`" + `)); err == nil {
		t.Error("a number that is too large is not an error")
	}
	d := NewFlagLinkWithDefaults()
	if d.Type != "web" || d.GetRatio() != 1.5 || d.GetCount() != 3 || d.HasNote() {
		t.Errorf("defaults: %+v", d)
	}
	c := New()
	if _, _, err := c.FlagLinksApi.GetFlagLink(nil, "t", "k").Range(0).Execute(); err == nil {
		t.Error("the missing query parameter is not an error")
	}
	var a FlagLinksApi = c.FlagLinksApi
	p := a.GetFlagLink(nil, "t", "k").Env("e").PageSize(7).Err(true).Params()
	if p.Path["type"] != "t" || p.Query.Encode() != "env=e&err=true&page-size=7" {
		t.Errorf("params: %+v", p)
	}
	if p := a.PutFlagLink(nil, "t", "k").Params(); p.Body != nil {
		t.Errorf("params: %+v", p)
	}
}
`

// copyHandWritten copies the hand-written files of the root package to a new directory.
func copyHandWritten(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob(filepath.Join(root, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, filepath.Join(root, "go.mod"), filepath.Join(root, "go.sum")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !isGenerated(text) && !strings.HasSuffix(file, "_test.go") {
			write(t, dir, filepath.Base(file), string(text))
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "internal"), os.DirFS(filepath.Join(root, "internal"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// programs returns the example programs of the pages below docs.
func programs(t *testing.T, dir string) []string {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(dir, "docs", "*Api.md"))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			list = append(list, match[1])
		}
	}
	if len(list) < 16 {
		t.Fatalf("the pages have %d programs only", len(list))
	}
	return list
}
