package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// More additions to the real description: an operation that lists things under other names than the real ones, and
// parameters that hand-written methods set too.
const (
	listPaths = `
  /api/v2/flag-links:
    get:
      operationId: listFlagLinks
      tags: [Flag links]
      summary: List flag links
      description: Lists links.
      x-pagination: {items: entries, total: size, links: pages, id: ref, defaultPageSize: 30}
      parameters:
        - {name: limit, in: query, description: The limit., schema: {type: integer, format: int64}}
        - {name: offset, in: query, description: The offset., schema: {type: integer, format: int64}}
        - {name: search, x-builder: By, in: query, description: The text to find., schema: {type: string}}
      responses:
        '200':
          description: The links.
          content: {application/json: {schema: {$ref: '#/components/schemas/FlagLinkPage'}}}
    delete:
      operationId: dropFlagLinks
      tags: [Flag links]
      summary: Drop flag links
      description: Drops links.
      parameters:
        - {name: search, x-builder: By, in: query, description: The text to find., schema: {type: string}}
      responses:
        '204': {description: They are gone.}
  /api/v2/flag-link-log:
    get:
      operationId: readFlagLinkLog
      tags: [Flag link log]
      summary: Read the log
      description: Lists changes, newest first.
      x-pagination: {items: entries, time: at, before: until, links: pages, id: ref, defaultPageSize: 3}
      parameters:
        - {name: limit, in: query, description: The limit., schema: {type: integer, format: int64, minimum: 1, maximum: 3}}
        - {name: until, in: query, description: The time., schema: {type: integer, format: int64}}
      responses:
        '200':
          description: The changes.
          content: {application/json: {schema: {$ref: '#/components/schemas/FlagLinkLog'}}}
    post:
      operationId: searchFlagLinkLog
      tags: [Flag link log]
      summary: Search the log
      description: Searches changes.
      x-safe: true
      requestBody:
        description: The texts to find.
        content: {application/json: {schema: {type: array, items: {type: string}}}}
      responses:
        '200': {description: The document.}
    put:
      operationId: uploadFlagLinks
      tags: [Flag link log]
      summary: Upload links
      description: Uploads links.
      requestBody:
        required: true
        description: The links.
        content:
          multipart/form-data:
            schema: {type: object, properties: {links: {type: string, format: binary, maxLength: 10, description: The file.}}}
      responses:
        '200':
          description: All links are new.
          content: {application/json: {schema: {$ref: '#/components/schemas/FlagLinkLog'}}}
        '202':
          description: Some are not.
          x-error: ErrImportRejected
          content: {application/json: {schema: {$ref: '#/components/schemas/FlagLinkLog'}}}
    patch:
      operationId: labelFlagLinks
      tags: [Flag link log]
      summary: Label links
      description: Labels links.
      requestBody:
        required: true
        description: The labels.
        content: {application/json: {schema: {type: object, additionalProperties: {type: string}}}}
      responses:
        '204': {description: They have labels.}
  /api/v2/old-flag-links:
    get:
      operationId: listOldFlagLinks
      tags: [Flag links]
      summary: List old flag links
      description: Lists links, answered with the same model as the other list.
      x-pagination: {items: entries, total: size, links: pages, id: ref, defaultPageSize: 30}
      parameters:
        - {name: limit, in: query, description: The limit., schema: {type: integer, format: int64}}
        - {name: offset, in: query, description: The offset., schema: {type: integer, format: int64}}
        - {name: page, in: query, description: The page of the atlas., schema: {type: string}}
      responses:
        '200':
          description: The links.
          content: {application/json: {schema: {$ref: '#/components/schemas/FlagLinkPage'}}}
`
	listSchemas = `
    FlagLinkPage:
      type: object
      description: a page of links.
      required: [size]
      properties:
        entries: {type: array, items: {$ref: '#/components/schemas/FlagLinkEntry'}, description: the links.}
        size: {type: integer, description: how many there are.}
        pages: {type: object, additionalProperties: {type: string}, description: the other pages.}
    FlagLinkLog:
      type: object
      description: changes of links.
      required: [entries]
      properties:
        entries: {type: array, items: {$ref: '#/components/schemas/FlagLinkChange'}, description: the changes.}
        pages: {type: object, additionalProperties: {type: string}, description: the other pages.}
    FlagLinkChange:
      type: object
      description: a change of a link.
      properties:
        ref: {type: string, description: the reference.}
        at: {type: integer, format: int64, description: the time.}
    FlagLinkEntry:
      type: object
      description: a link in a list.
      properties:
        ref: {type: string, description: the reference.}
`
	// listMethods are the hand-written methods that x-builder names.
	listMethods = `package ldapi

import "errors"

func (r ApiListFlagLinksRequest) By(text string) ApiListFlagLinksRequest {
	r = r.Search("text:" + text)
	if text == "" {
		r.problem = errors.New("no text")
	}
	return r
}

func (r ApiDropFlagLinksRequest) By(text string) ApiDropFlagLinksRequest {
	r = r.Search("text:" + text)
	r.problem = errors.New("not today")
	return r
}
`
	// useOfLists is a test of what was generated for the additions.
	useOfLists = `package ldapi

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
)

type fakeLinks struct {
	FlagLinksApi
	asked []string
}

func (f *fakeLinks) ListFlagLinksExecute(r ApiListFlagLinksRequest) (*FlagLinkPage, *http.Response, error) {
	query := r.Params().Query
	f.asked = append(f.asked, query.Encode())
	offset, _ := strconv.Atoi(query.Get("offset"))
	p := NewFlagLinkPage(3)
	for i := offset; i < min(offset+2, 3); i++ {
		entry := FlagLinkEntry{}
		entry.SetRef(strconv.Itoa(i))
		p.Entries = append(p.Entries, entry)
	}
	p.SetPages(map[string]string{"next": "x"})
	return p, nil, nil
}

func (f *fakeLinks) ListOldFlagLinksExecute(r ApiListOldFlagLinksRequest) (*FlagLinkPage, *http.Response, error) {
	p := NewFlagLinkPage(1)
	if r.Params().Query.Encode() == "limit=30&offset=0&page=7" {
		p.Entries = []FlagLinkEntry{{Ref: PtrString("old")}}
	}
	return p, nil, nil
}

// answers is a transport that records what it is asked, and answers in turn.
type answers struct {
	asked   []*http.Request
	bodies  []string
	answers []string // a status and a body
}

func (a *answers) RoundTrip(req *http.Request) (*http.Response, error) {
	body := ""
	if req.Body != nil {
		b, _ := io.ReadAll(req.Body)
		body = string(b)
	}
	a.asked, a.bodies = append(a.asked, req), append(a.bodies, body)
	status, document, _ := strings.Cut(a.answers[0], " ")
	a.answers = a.answers[1:]
	code, _ := strconv.Atoi(status)
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(document)), Request: req}, nil
}

func TestFlagLinkLog(t *testing.T) {
	a := &answers{answers: []string{
		` + "`" + `200 {"entries":[{"ref":"a","at":9},{"ref":"b","at":8},{"ref":"c","at":7}]}` + "`" + `,
		` + "`" + `200 {"entries":[{"ref":"c","at":7},{"ref":"d","at":7}]}` + "`" + `}}
	log := New(WithTransport(a), WithAccessToken("t"), WithRetry(RetryPolicy{MinWait: 1, MaxWait: 1})).FlagLinkLogApi
	changes, err := log.ReadFlagLinkLog(t.Context()).Until(10).Collect()
	if err != nil || len(changes) != 4 {
		t.Errorf("%v, %v", changes, err)
	}
	if got := a.asked[0].URL.RawQuery + " " + a.asked[1].URL.RawQuery; got != "limit=3&until=10 limit=3&until=8" {
		t.Errorf("asked %s", got)
	}
	if got := a.asked[0].Header.Get("LD-API-Version"); got != "beta" {
		t.Errorf("version %s", got)
	}
	if _, _, err := log.ReadFlagLinkLog(t.Context()).Limit(4).Execute(); err == nil || !strings.Contains(err.Error(), "limit: must not be greater than 3") {
		t.Errorf("got %v", err)
	}

	a.answers = []string{"500 ", "200 anything"} // a POST that reads is repeated
	resp, err := log.SearchFlagLinkLog(t.Context()).RequestBody([]string{"x"}).Execute()
	if err != nil {
		t.Fatal(err)
	}
	if document, err := io.ReadAll(resp.Body); string(document) != "anything" || err != nil {
		t.Errorf("%s, %v", document, err)
	}
	a.answers = []string{"200 {}"}
	if _, err = log.SearchFlagLinkLog(t.Context()).Execute(); err != nil || strings.Join(a.bodies[2:], "|") != ` + "`" + `["x"]|["x"]|` + "`" + ` {
		t.Errorf("%q, %v", a.bodies, err)
	}

	a.answers, a.bodies = []string{"204 "}, nil
	if _, err := log.LabelFlagLinks(t.Context()).RequestBody(map[string]string{"b": "2", "a": "1"}).Execute(); err != nil || a.bodies[0] != ` + "`" + `{"a":"1","b":"2"}` + "`" + ` {
		t.Errorf("%q, %v", a.bodies, err)
	}
	if _, err := log.LabelFlagLinks(t.Context()).Execute(); err == nil || !strings.Contains(err.Error(), "requestBody: is required") {
		t.Errorf("got %v", err)
	}

	a.answers, a.bodies = []string{` + "`" + `202 {"entries":[{"ref":"old"}]}` + "`" + `}, nil
	name := t.TempDir() + "/links.csv"
	if err := os.WriteFile(name, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	report, _, err := log.UploadFlagLinks(t.Context()).Links(file).Execute()
	var rejected *GenericOpenAPIError
	if !errors.Is(err, ErrImportRejected) || !errors.As(err, &rejected) || report != nil {
		t.Fatalf("got %v and %v", report, err)
	}
	if m, ok := rejected.Model().(FlagLinkLog); !ok || m.Entries[0].GetRef() != "old" {
		t.Errorf("model %v", rejected.Model())
	}
	if !strings.Contains(a.bodies[0], ` + "`" + `name="links"; filename="links.csv"` + "`" + `) || !strings.Contains(a.bodies[0], "0123456789") {
		t.Errorf("sent %s", a.bodies[0])
	}
	if _, _, err := log.UploadFlagLinks(t.Context()).Execute(); err == nil || !strings.Contains(err.Error(), "links: is required") {
		t.Errorf("got %v", err)
	}
}

func TestListFlagLinks(t *testing.T) {
	f := &fakeLinks{FlagLinksApi: New().FlagLinksApi}
	r := f.ListFlagLinks(t.Context()).By("a")
	r.ApiService = f
	var found []string
	for entry, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, entry.GetRef())
	}
	if got := strings.Join(found, " "); got != "0 1 2" {
		t.Errorf("found %s", got)
	}
	const want = "limit=30&offset=0&search=text%3Aa limit=30&offset=2&search=text%3Aa"
	if got := strings.Join(f.asked, " "); got != want {
		t.Errorf("requested %s", got)
	}
	for page, err := range r.Limit(2).Prefetch(2).Pages() {
		if err != nil || len(page.Entries) == 0 {
			t.Errorf("%v, %v", page, err)
		}
	}
	if entries, err := r.Collect(); len(entries) != 3 || err != nil {
		t.Errorf("%v, %v", entries, err)
	}
	if _, err := r.By("").Collect(); err == nil || !strings.Contains(err.Error(), "no text") {
		t.Errorf("got %v", err)
	}
	if _, err := r.By("").Search("b").Collect(); err != nil {
		t.Errorf("the last one wins: %v", err)
	}
	old := f.ListOldFlagLinks(t.Context()).Page("7")
	old.ApiService = f
	if entries, err := old.Collect(); len(entries) != 1 || err != nil {
		t.Errorf("%v, %v", entries, err)
	}
	if _, err := f.DropFlagLinks(t.Context()).By("a").Execute(); err == nil || err.Error() != "not today" {
		t.Errorf("got %v", err)
	}
}
`
)

// listRefusals replace parts of their own description.
var listRefusals = []refusal{
	{"a property that is not there", "items: items", "items: itmes", `x-pagination: items: ThingPage has no fitting property "itmes"`},
	{"items that are not named", "items: items, ", "", `x-pagination: items: ThingPage has no fitting property ""`},
	{"items that are not objects", "$ref: '#/components/schemas/Thing'}, description: x.", "type: string}, description: x.",
		`x-pagination: items: ThingPage has no fitting property "items"`},
	{"a total that is not a number", "total: {type: integer", "total: {type: string", `x-pagination: total: ThingPage has no fitting property "total"`},
	{"a total of int64", "total: {type: integer", "total: {type: integer, format: int64", `x-pagination: total: ThingPage has no fitting property "total"`},
	{"links that are not an object", "links: links", "links: total", `x-pagination: links: ThingPage has no fitting property "total"`},
	{"an id that is not there", "id: name", "id: key", `x-pagination: id: Thing has no fitting property "key"`},
	{"an ID that is not a string", "id: name", "id: size", `x-pagination: id: Thing has no fitting property "size"`},
	{"no page size", ", defaultPageSize: 10", "", "GET /things: x-pagination: needs a response with a model, and a defaultPageSize"},
	{"a page size of zero", "defaultPageSize: 10", "defaultPageSize: 0", "x-pagination: needs a response with a model, and a defaultPageSize"},
	{"no properties", "x-pagination: {items: items, total: total, links: links, id: name, defaultPageSize: 10}", "x-pagination: true",
		"x-pagination: needs a response with a model, and a defaultPageSize"},
	{"no response", "            application/json: {schema: {$ref: '#/components/schemas/ThingPage'}}\n", "",
		"x-pagination: needs a response with a model, and a defaultPageSize"},
	{"no limit", "{name: limit, in: query, description: x.", "{name: most, in: query, description: x.", "x-pagination: needs the query parameters limit and offset, of int64"},
	{"an offset of int32", "{name: offset, in: query, description: x., schema: {type: integer, format: int64}}",
		"{name: offset, in: query, description: x., schema: {type: integer}}", "x-pagination: needs the query parameters limit and offset, of int64"},
	{"a parameter named like an iterator", "{name: filter, ", "{name: collect, ",
		"ApiListThingsRequest.Collect is needed twice: by query parameter collect of operation listThings and by x-pagination of operation listThings"},
	{"a parameter named like a method of lists", "{name: filter, ", "{name: list, ", "ApiListThingsRequest.list is needed twice"},
	{"a parameter named like a step of lists", "{name: filter, ", "{name: fetchPage, ", "ApiListThingsRequest.fetchPage is needed twice"},
	{"a builder that does not exist", "x-builder: FilterBy", "x-builder: SelectBy",
		"GET /things: parameter filter: x-builder: no hand-written file has ApiListThingsRequest.SelectBy"},
	{"a builder that is not a name", "x-builder: FilterBy", "x-builder: true",
		"GET /things: parameter filter: x-builder has to name a method, and belongs to a query parameter"},
	{"a builder without a name", "x-builder: FilterBy", "x-builder: ''", "parameter filter: x-builder has to name a method"},
	{"a builder of a path parameter", "{name: id, in: path,", "{name: id, x-builder: FilterBy, in: path,",
		"parameter id: x-builder has to name a method, and belongs to a query parameter"},
	{"a builder with the name of its parameter", "x-builder: FilterBy, in: query", "x-builder: Filter, in: query",
		"parameter filter: x-builder: no hand-written file has ApiListThingsRequest.Filter"},
	{"a time without its parameter", "total: total, links: links", "time: size, before: offest, links: links",
		"x-pagination: needs the query parameters limit and offest, of int64"},
	{"a time that is not there", "total: total, links: links", "time: made, before: offset, links: links",
		`x-pagination: time: Thing has no fitting property "made"`},
	{"a time that is not an int64", "total: total, links: links", "time: size, before: offset, links: links",
		`x-pagination: time: Thing has no fitting property "size"`},
	{"a parameter without its time", "total: total, links: links", "before: offset, links: links",
		`x-pagination: time: Thing has no fitting property ""`},
	{"a parameter named like a field of builders", "{name: filter, ", "{name: problem, ", "ApiListThingsRequest.problem is needed twice"},
}

// smallList is a list of things, for the small description.
const smallList = `
  /things:
    get:
      operationId: listThings
      tags: [Things]
      summary: List things
      description: Lists things.
      x-pagination: {items: items, total: total, links: links, id: name, defaultPageSize: 10}
      parameters:
        - {name: limit, in: query, description: x., schema: {type: integer, format: int64}}
        - {name: offset, in: query, description: x., schema: {type: integer, format: int64}}
        - {name: filter, x-builder: FilterBy, in: query, description: x., schema: {type: string}}
      responses:
        '200':
          description: The things.
          content:
            application/json: {schema: {$ref: '#/components/schemas/ThingPage'}}
`

const smallPage = `
    ThingPage:
      type: object
      description: a page of things.
      properties:
        items: {type: array, items: {$ref: '#/components/schemas/Thing'}, description: x.}
        total: {type: integer, description: x.}
        links: {type: object, additionalProperties: {type: string}, description: x.}
`

// TestListRefusals: invalid x-pagination and x-builder are errors that name the place and the reason.
func TestListRefusals(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	small := strings.Replace(string(text), "\npaths:\n", "\npaths:"+smallList, 1)
	small = strings.Replace(small, "\n  schemas:\n", "\n  schemas:"+smallPage, 1)
	unchanged := refusal{"none of these", "openapi: 3.0.3", "openapi: 3.0.3", ""}
	for _, c := range append(listRefusals, unchanged) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(small, c.old) {
				t.Fatalf("the description does not contain %q", c.old)
			}
			dir := smallModule(t)
			write(t, dir, "list.go", "package small\n\nfunc (r ApiListThingsRequest) FilterBy() ApiListThingsRequest { return r }\n")
			write(t, dir, "openapi.yaml", strings.ReplaceAll(small, c.old, c.new))
			_, err := generate(filepath.Join(dir, "openapi.yaml"), dir)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got  %v\nwant …%s…", err, c.want)
			}
		})
	}
}

// TestOnlyListsHaveIterators: an operation without x-pagination has none, although it has limit and offset.
func TestOnlyListsHaveIterators(t *testing.T) {
	t.Parallel()
	files, err := generate("testdata/small.yaml", smallModule(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"iter.", "Collect", "Prefetch", "problem"} {
		if strings.Contains(string(files["api_things.go"]), word) {
			t.Errorf("it has %s", word)
		}
	}
}

// TestSizeOfCodegen: the generator stays small enough to be read. Comments and empty lines do not count.
func TestSizeOfCodegen(t *testing.T) {
	t.Parallel()
	const most = 1300
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
			if line := strings.TrimSpace(lines.Text()); line != "" && !strings.HasPrefix(line, "//") {
				count++
			}
		}
	}
	t.Logf("codegen has %d lines of code", count)
	if count >= most {
		t.Errorf("codegen has %d lines of code; it has to stay under %d", count, most)
	}
}
