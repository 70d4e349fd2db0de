package everyday_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/internal/inventory"
)

// listServer is a transport that answers every list with the pages of a pagedList. All texts of an item are its ID, so also the one that
// identifies it.
type listServer struct {
	mu    sync.Mutex
	list  *pagedList
	item  reflect.Type
	calls int
}

func (s *listServer) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ask := pageRequest{ctx: req.Context(), call: s.calls}
	ask.limit, _ = strconv.Atoi(req.URL.Query().Get("limit"))
	ask.offset, _ = strconv.Atoi(req.URL.Query().Get("offset"))
	s.calls++
	page, err := s.list.answer(ask)
	if err != nil {
		return nil, err
	}
	items := []map[string]any{}
	for _, m := range page.Items {
		item := map[string]any{}
		for _, f := range textsOf(s.item) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			item[name] = m.Id
		}
		items = append(items, item)
	}
	document := map[string]any{"items": items, "_links": page.Links}
	if total, ok := page.GetTotalCountOk(); ok {
		document["totalCount"] = *total
	}
	body, err := json.Marshal(document)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(body))), Request: req}, err
}

// textsOf returns the fields of a model that are texts.
func textsOf(model reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(model), func(f reflect.StructField) bool {
		return f.Type != reflect.TypeFor[string]() && f.Type != reflect.TypeFor[*string]()
	})
}

// offsetLists returns the operations that list by offset, which have Prefetch, with the types of their items.
func offsetLists() map[string]reflect.Type {
	items := map[string]reflect.Type{}
	for _, op := range inventory.Operations(ldapi.New()) {
		if _, ok := op.Request.MethodByName("Prefetch"); ok {
			collect, _ := op.Request.MethodByName("Collect")
			items[op.ID] = collect.Type.Out(0).Elem()
		}
	}
	return items
}

// collectList collects a list in pages of 3, and returns what identifies its items.
func collectList(t *testing.T, c *ldapi.APIClient, id string, ahead int) ([]string, error) {
	t.Helper()
	all := inventory.Operations(c)
	op := all[slices.IndexFunc(all, func(op inventory.Operation) bool { return op.ID == id })]
	request := op.Begin(t.Context(), "k")
	for _, setter := range op.Setters() {
		switch setter.Name {
		case "limit":
			request = setter.Set(request, reflect.ValueOf(int64(3)))
		case "prefetch":
			request = setter.Set(request, reflect.ValueOf(ahead))
		}
	}
	out := request.MethodByName("Collect").Call(nil)
	names := []string{}
	for i := range out[0].Len() {
		item := out[0].Index(i)
		names = append(names, reflect.Indirect(item.FieldByIndex(textsOf(item.Type())[0].Index)).String())
	}
	err, _ := out[1].Interface().(error)
	return names, err
}

// TestAllListsBehaveAlike: whatever a server does, each list returns the same items and the same error as the list of members, whose
// behavior the other tests examine.
func TestAllListsBehaveAlike(t *testing.T) {
	t.Parallel()
	servers := map[string]func() *pagedList{
		"usual":            func() *pagedList { return &pagedList{} },
		"short pages":      func() *pagedList { return &pagedList{most: 2} },
		"pages of one":     func() *pagedList { return &pagedList{most: 1} },
		"no totals":        func() *pagedList { return &pagedList{total: func(pageRequest, int) int { return -1 }} },
		"no links":         func() *pagedList { return &pagedList{bare: true} },
		"neither":          func() *pagedList { return &pagedList{bare: true, total: func(pageRequest, int) int { return -1 }} },
		"totals of a page": func() *pagedList { return &pagedList{total: func(pageRequest, int) int { return 3 }} },
		"totals too high":  func() *pagedList { return &pagedList{total: func(_ pageRequest, n int) int { return 2 * n }} },
		"no next":          func() *pagedList { return &pagedList{next: func(bool) bool { return false }} },
		"always next":      func() *pagedList { return &pagedList{next: func(bool) bool { return true }} },
		"the first page again and again": func() *pagedList {
			return &pagedList{start: func(pageRequest) int { return 0 }}
		},
		"an empty page in between": func() *pagedList {
			return &pagedList{length: func(ask pageRequest) int {
				if ask.call == 2 {
					return 0
				}
				return 3
			}}
		},
		"items deleted meanwhile": func() *pagedList {
			return &pagedList{before: func(ask pageRequest, l *pagedList) {
				if ask.call == 2 {
					l.ids = slices.Delete(l.ids, 0, 2)
				}
			}}
		},
		"items added meanwhile": func() *pagedList {
			return &pagedList{before: func(ask pageRequest, l *pagedList) {
				if ask.call == 2 {
					l.ids = append(memberNames("new", 2), l.ids...)
				}
			}}
		},
	}
	for name, newServer := range servers {
		for _, n := range []int{0, 1, 3, 10} {
			for _, ahead := range []int{1, 4} {
				results := map[string]string{}
				for id, item := range offsetLists() {
					server := &listServer{list: newServer(), item: item}
					server.list.ids = memberNames("a", n)
					client := ldapi.New(ldapi.WithTransport(server), ldapi.WithAccessToken("t"), ldapi.WithRetry(ldapi.NoRetry()), ldapi.WithMaxConcurrency(1))
					items, err := collectList(t, client, id, ahead)
					if ahead > 1 && strings.Contains(name, "meanwhile") {
						items = nil // the order of requests decides
					}
					results[id] = fmt.Sprint(items, err)
				}
				for id, result := range results {
					assert.Equal(t, results["getMembers"], result, "%s: %s of %d items, %d ahead", id, name, n, ahead)
				}
				require.GreaterOrEqual(t, len(results), 6)
			}
		}
	}
}
