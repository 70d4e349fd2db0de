package everyday_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// stopCase is a server, and the expected requests and items of its list.
type stopCase struct {
	name   string
	server pagedList
	limit  int64  // 10 when zero
	offset int64  // where it begins
	asked  string // the requests, offset and limit
	items  []string
	err    string // at the end
	resume int64  // offset of the error
}

const (
	repeats   = "server returned a page with no new items"
	emptyPage = "server returned an empty page before the end of the list"
)

// stopCases are servers whose lists do not change.
var stopCases = []stopCase{
	{"one page, total reached, no next link", pagedList{ids: memberNames("a", 3)}, 0, 0, "0+10", memberNames("a", 3), "", 0},
	{"a full last page, total reached, no next link", pagedList{ids: memberNames("a", 20)}, 0, 0, "0+10 10+10", memberNames("a", 20), "", 0},
	{"a short last page", pagedList{ids: memberNames("a", 25)}, 0, 0, "0+10 10+10 20+10", memberNames("a", 25), "", 0},
	{"a page for each item", pagedList{ids: memberNames("a", 3)}, 1, 0, "0+1 1+1 2+1", memberNames("a", 3), "", 0},
	{"an empty list", pagedList{}, 0, 0, "0+10", []string{}, "", 0},

	{"links on every page, the last one short", pagedList{ids: memberNames("a", 25), next: allLinks}, 0, 0, "0+10 10+10 20+10", memberNames("a", 25), "", 0},
	{"links on every page, the last one full", pagedList{ids: memberNames("a", 20), next: allLinks}, 0, 0, "0+10 10+10 20+10", memberNames("a", 20), "", 0},
	{"links on every page, one page", pagedList{ids: memberNames("a", 3), next: allLinks}, 0, 0, "0+10 3+10", memberNames("a", 3), "", 0},
	{"links on every page and no totals", pagedList{ids: memberNames("a", 25), next: allLinks, total: noTotal}, 0, 0, "0+10 10+10 20+10 25+10", memberNames("a", 25), "", 0},
	{"no links", pagedList{ids: memberNames("a", 25), next: noLinks}, 0, 0, "0+10 10+10 20+10", memberNames("a", 25), "", 0},
	{"no links, the last page full", pagedList{ids: memberNames("a", 20), next: noLinks}, 0, 0, "0+10 10+10", memberNames("a", 20), "", 0},

	{"no totals", pagedList{ids: memberNames("a", 25), total: noTotal}, 0, 0, "0+10 10+10 20+10", memberNames("a", 25), "", 0},
	{"no totals, the last page full", pagedList{ids: memberNames("a", 20), total: noTotal}, 0, 0, "0+10 10+10 20+10", memberNames("a", 20), "", 0},
	{"no totals, one page", pagedList{ids: memberNames("a", 3), total: noTotal}, 0, 0, "0+10 3+10", memberNames("a", 3), "", 0},
	{"no totals and no links", pagedList{ids: memberNames("a", 25), total: noTotal, next: noLinks}, 0, 0, "0+10 10+10 20+10 25+10", memberNames("a", 25), "", 0},
	{"no totals and no links, the last page full", pagedList{ids: memberNames("a", 20), total: noTotal, next: noLinks}, 0, 0, "0+10 10+10 20+10", memberNames("a", 20), "", 0},
	{"a total on the first page only", pagedList{ids: memberNames("a", 25), total: firstTotal, next: noLinks}, 0, 0, "0+10 10+10 20+10", memberNames("a", 25), "", 0},

	{"totals too high", pagedList{ids: memberNames("a", 25), total: fixedTotal(1000)}, 0, 0, "0+10 10+10 20+10", memberNames("a", 25), "", 0},
	{"totals too high, the last page full", pagedList{ids: memberNames("a", 20), total: fixedTotal(1000)}, 0, 0, "0+10 10+10 20+10", memberNames("a", 20), "", 0},
	{"totals too high and no links", pagedList{ids: memberNames("a", 25), total: fixedTotal(1000), next: noLinks}, 0, 0, "0+10 10+10 20+10 25+10", memberNames("a", 25), "", 0},
	{"totals too low", pagedList{ids: memberNames("a", 25), total: fixedTotal(5)}, 0, 0, "0+10 10+10 20+10", memberNames("a", 25), "", 0},
	{"totals of zero", pagedList{ids: memberNames("a", 20), total: fixedTotal(0)}, 0, 0, "0+10 10+10", memberNames("a", 20), "", 0},
	{"totals too low, links on every page", pagedList{ids: memberNames("a", 20), total: fixedTotal(5), next: allLinks}, 0, 0, "0+10 10+10 20+10", memberNames("a", 20), "", 0},

	{"a limit that is clamped", pagedList{ids: memberNames("a", 25), most: 10}, 100, 0, "0+100 10+100 20+100", memberNames("a", 25), "", 0},
	{"a limit that is clamped, no totals", pagedList{ids: memberNames("a", 25), most: 10, total: noTotal}, 100, 0, "0+100 10+100 20+100", memberNames("a", 25), "", 0},
	{"a limit that is clamped, neither totals nor links", pagedList{ids: memberNames("a", 25), most: 10, total: noTotal, next: noLinks}, 100, 0,
		"0+100 10+100 20+100 25+100", memberNames("a", 25), "", 0},
	{"short pages in the middle", pagedList{ids: memberNames("a", 25), length: shortInTheMiddle}, 0, 0, "0+10 10+10 14+10 24+10", memberNames("a", 25), "", 0},
	{"short pages in the middle, no totals", pagedList{ids: memberNames("a", 25), length: shortInTheMiddle, total: noTotal}, 0, 0,
		"0+10 10+10 14+10 24+10", memberNames("a", 25), "", 0},
	{"short pages in the middle, no links", pagedList{ids: memberNames("a", 25), length: shortInTheMiddle, next: noLinks}, 0, 0,
		"0+10 10+10 14+10 24+10", memberNames("a", 25), "", 0},
	{"short pages in the middle, neither totals nor links", pagedList{ids: memberNames("a", 25), length: shortInTheMiddle, total: noTotal, next: noLinks}, 0, 0,
		"0+10 10+10 14+10 24+10 25+10", memberNames("a", 25), "", 0},
	{"a short first page", pagedList{ids: memberNames("a", 25), length: shortAtFirst}, 0, 0, "0+10 4+10 14+10 24+10", memberNames("a", 25), "", 0},
	{"an empty first page", pagedList{ids: memberNames("a", 25), length: func(pageRequest) int { return 0 }}, 0, 0, "0+10 0+10", []string{}, emptyPage, 0},
	{"an empty page in the middle", pagedList{ids: memberNames("a", 25), length: emptyAt(10)}, 0, 0, "0+10 10+10 10+10", memberNames("a", 10), emptyPage, 10},
	{"an empty page in the middle, without any links", pagedList{ids: memberNames("a", 25), length: emptyAt(10), bare: true}, 0, 0,
		"0+10 10+10 10+10", memberNames("a", 10), emptyPage, 10},
	{"an empty page in the middle, once", pagedList{ids: memberNames("a", 25), length: emptyOnce(10)}, 0, 0,
		"0+10 10+10 10+10 20+10", memberNames("a", 25), "", 0},
	{"links on every page, totals too high", pagedList{ids: memberNames("a", 20), next: allLinks, total: fixedTotal(1000)}, 0, 0,
		"0+10 10+10 20+10 20+10", memberNames("a", 20), emptyPage, 20},
	{"totals of zero, links to the page alone", pagedList{ids: memberNames("a", 25), next: noLinks, total: fixedTotal(0)}, 0, 0,
		"0+10 10+10 20+10 25+10", memberNames("a", 25), "", 0},
	{"without any links", pagedList{ids: memberNames("a", 23), bare: true}, 0, 0, "0+10 10+10 20+10", memberNames("a", 23), "", 0},
	{"without any links, totals of the page", pagedList{ids: memberNames("a", 23), bare: true, total: pageTotal}, 0, 0, "0+10 10+10 20+10", memberNames("a", 23), "", 0},
	{"without any links, totals of the page, the last one full", pagedList{ids: memberNames("a", 20), bare: true, total: pageTotal}, 0, 0,
		"0+10 10+10 20+10", memberNames("a", 20), "", 0},
	{"without any links, totals of zero", pagedList{ids: memberNames("a", 23), bare: true, total: fixedTotal(0)}, 0, 0, "0+10 10+10 20+10", memberNames("a", 23), "", 0},
	{"without any links and totals", pagedList{ids: memberNames("a", 23), bare: true, total: noTotal}, 0, 0, "0+10 10+10 20+10", memberNames("a", 23), "", 0},
	{"without any links, a limit that is clamped", pagedList{ids: memberNames("a", 23), bare: true, most: 10}, 100, 0, "0+100 10+100 20+100", memberNames("a", 23), "", 0},
	{"a short mock that ignores the offset", pagedList{ids: memberNames("a", 2), bare: true, total: noTotal, start: ignoreOffset}, 0, 0, "0+10", memberNames("a", 2), "", 0},

	{"an offset", pagedList{ids: memberNames("a", 25)}, 0, 10, "10+10 20+10", memberNames("a", 25)[10:], "", 0},
	{"an offset at the end", pagedList{ids: memberNames("a", 25)}, 0, 25, "25+10", []string{}, "", 0},
	{"an offset beyond the end", pagedList{ids: memberNames("a", 25)}, 0, 1000, "1000+10", []string{}, "", 0},

	{"the offset is ignored", pagedList{ids: memberNames("a", 25), start: ignoreOffset}, 0, 0, "0+10 10+10", memberNames("a", 10), repeats, 10},
	{"the offset is ignored, no totals", pagedList{ids: memberNames("a", 3), start: ignoreOffset, total: noTotal}, 0, 0, "0+10 3+10", memberNames("a", 3), repeats, 3},
	{"the offset is ignored, all on one page", pagedList{ids: memberNames("a", 3), start: ignoreOffset}, 0, 0, "0+10", memberNames("a", 3), "", 0},
	{"a page in the middle is repeated forever", pagedList{ids: memberNames("a", 95), start: func(ask pageRequest) int { return min(ask.offset, 20) }}, 0, 0,
		"0+10 10+10 20+10 30+10", memberNames("a", 30), repeats, 30},
	{"an item twice on a page", pagedList{ids: []string{"a", "b", "a", "c"}}, 0, 0, "0+10", []string{"a", "b", "c"}, "", 0},

	{"no ids", pagedList{ids: make([]string, 25)}, 0, 0, "0+10 10+10 20+10", make([]string, 25), "", 0},
	{"no ids and no links", pagedList{ids: make([]string, 25), next: noLinks}, 0, 0, "0+10 10+10 20+10", make([]string, 25), "", 0},
	{"no ids, more than the total", pagedList{ids: make([]string, 25), start: ignoreOffset, total: fixedTotal(20), next: allLinks}, 0, 0,
		"0+10 10+10 20+10", make([]string, 20), repeats, 20},
	{"no ids, no totals: repeated forever", pagedList{ids: make([]string, 25), start: ignoreOffset, total: noTotal}, 0, 0,
		"0+10 10+10", make([]string, 10), repeats, 10},
	{"few ids", pagedList{ids: []string{"a", "", "b", ""}}, 2, 0, "0+2 2+2", []string{"a", "", "b", ""}, "", 0},
}

func firstTotal(ask pageRequest, actual int) int {
	if ask.offset > 0 {
		return -1
	}
	return actual
}

func shortInTheMiddle(ask pageRequest) int {
	if ask.offset == 10 {
		return 4
	}
	return ask.limit
}

func shortAtFirst(ask pageRequest) int {
	if ask.offset == 0 {
		return 4
	}
	return ask.limit
}

func emptyAt(offset int) func(pageRequest) int {
	return func(ask pageRequest) int {
		if ask.offset == offset {
			return 0
		}
		return ask.limit
	}
}

// emptyOnce makes the page at offset empty the first time that it is requested. It counts requests, so a run needs its own.
func emptyOnce(offset int) func(pageRequest) int {
	return func(ask pageRequest) int {
		if ask.offset == offset && ask.call == 1 {
			return 0
		}
		return ask.limit
	}
}

// pageTotal is a server that reports the number of items on the page as total.
func pageTotal(ask pageRequest, actual int) int { return min(ask.limit, max(0, actual-ask.offset)) }

func ignoreOffset(pageRequest) int { return 0 }

func (c stopCase) request(f *pagedMembers) ldapi.ApiGetMembersRequest {
	if c.limit == 0 {
		c.limit = 10
	}
	r := f.GetMembers(context.Background()).Limit(c.limit)
	if c.offset > 0 {
		r = r.Offset(c.offset)
	}
	return r
}

func (c stopCase) check(t *testing.T, items []string, err error) {
	t.Helper()
	assert.Equal(t, c.items, items)
	if c.err == "" {
		require.NoError(t, err)
		return
	}
	require.ErrorContains(t, err, c.err)
	var stopped *ldapi.PageError
	require.True(t, errors.As(err, &stopped))
	assert.Equal(t, c.resume, stopped.Offset)
}

// TestWhereListsEnd reads lists that do not change, one page after the other and with several in flight.
func TestWhereListsEnd(t *testing.T) {
	t.Parallel()
	for _, c := range stopCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, prefetch := range []int{0, 1} {
				f := newPagedMembers(c.server.answer)
				items, err := collectTwice(t, c.request(f).Prefetch(prefetch), false)
				c.check(t, items, err)
				assert.Equal(t, strings.Fields(c.asked), f.requests())
			}
			for _, prefetch := range []int{2, 3, 8} {
				f := newPagedMembers(c.server.answer)
				items, err := collectTwice(t, c.request(f).Prefetch(prefetch), true)
				c.check(t, items, err)
				wanted, asked := strings.Fields(c.asked), f.requests()
				assert.Equal(t, wanted[0], asked[0])
				for _, ask := range wanted {
					assert.True(t, slices.Contains(asked, ask), "%s is not requested", ask)
				}
			}
		})
	}
}

// TestOneRequestMoreAtMost: whatever totals and links a server reports, the end costs at most one additional request.
func TestOneRequestMoreAtMost(t *testing.T) {
	t.Parallel()
	for n := range 35 {
		for _, total := range []func(pageRequest, int) int{nil, noTotal, firstTotal, fixedTotal(1000)} {
			for _, next := range []func(bool) bool{nil, noLinks, allLinks} {
				ids := memberNames("a", n)
				f := newPagedMembers((&pagedList{ids: ids, total: total, next: next}).answer)
				members, err := f.GetMembers(t.Context()).Limit(10).Collect()
				require.Equal(t, ids, memberIDs(members))
				if last := f.requests()[len(f.requests())-1]; err != nil {
					require.ErrorContains(t, err, emptyPage)
					require.Equal(t, fmt.Sprintf("%d+10", n), last, "no more items follow")
					continue
				}
				require.LessOrEqual(t, len(f.requests()), max(1, (n+9)/10)+1, "%d items", n)
			}
		}
	}
}

// TestNilPages: a fake that returns nil pages ends the list.
func TestNilPages(t *testing.T) {
	t.Parallel()
	f := newPagedMembers(func(pageRequest) (*ldapi.Members, error) { return nil, nil })
	for page, err := range f.GetMembers(t.Context()).Pages() {
		t.Errorf("%v, %v", page, err)
	}
	require.Equal(t, []string{"0+100"}, f.requests())

	list := pagedList{ids: memberNames("a", 25)}
	f = newPagedMembers(func(ask pageRequest) (*ldapi.Members, error) {
		if ask.offset >= 20 {
			return nil, nil
		}
		return list.answer(ask)
	})
	for _, prefetch := range []int{0, 4} {
		members, err := f.GetMembers(t.Context()).Limit(10).Prefetch(prefetch).Collect()
		require.NoError(t, err)
		require.Len(t, members, 20)
	}
	f = newPagedMembers(func(pageRequest) (*ldapi.Members, error) { return &ldapi.Members{}, nil })
	members, err := f.GetMembers(t.Context()).Collect()
	require.NoError(t, err)
	require.Equal(t, []ldapi.Member{}, members, "an empty list, not nil")
}

// roundTripper is an http.RoundTripper in a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestOddValuesHideNothing: what was decoded of a page is yielded before its error, and the next page is where to continue.
func TestOddValuesHideNothing(t *testing.T) {
	t.Parallel()
	const odd = `{"_links":{"self":{}},"totalCount":7,"items":[{"_id":"a"},{"_id":"b","role":7},{"_id":"c"}]}`
	for _, prefetch := range []int{0, 4} {
		client := ldapi.New(ldapi.WithAccessToken(ldapitest.AdminToken), ldapi.WithTransport(roundTripper(func(req *http.Request) (*http.Response, error) {
			body := odd
			switch req.URL.Query().Get("offset") {
			case "3":
				body = `{"_links":{"self":{}},"totalCount":7,"items":[{"_id":"d"},{"_id":"e"},{"_id":"f"}]}`
			case "6":
				body = `{"_links":{"self":{}},"totalCount":7,"items":[{"_id":"g","email":[]}]}`
			}
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
		})))
		list := client.AccountMembersApi.GetMembers(t.Context()).Limit(3).Prefetch(prefetch)
		var stopped *ldapi.PageError
		first, err := list.Collect()
		require.ErrorIs(t, err, ldapi.ErrDecode)
		require.ErrorAs(t, err, &stopped)
		require.Equal(t, []string{"a", "b", "c"}, memberIDs(first))
		require.Equal(t, int64(3), stopped.Offset)
		rest, err := list.Offset(stopped.Offset).Collect()
		require.ErrorIs(t, err, ldapi.ErrDecode)
		require.ErrorAs(t, err, &stopped)
		require.Equal(t, []string{"d", "e", "f", "g"}, memberIDs(rest))
		require.Equal(t, int64(7), stopped.Offset)
		pages := 0
		for page, err := range list.Pages() {
			if err == nil {
				pages++
				require.Len(t, page.Items, 3)
			}
		}
		require.Equal(t, 1, pages)
	}
}
