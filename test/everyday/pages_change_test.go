package everyday_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// changeCase is a list that changes between two pages, and the expected requests and items. It has 25 items at first.
type changeCase struct {
	name   string
	change func(call int, l *pagedList) // before a request is answered
	total  func(ask pageRequest, actual int) int
	asked  string // the requests, each with limit 10
	items  []string
	err    string
}

// at is a change before one of the requests.
func at(call int, change func(l *pagedList)) func(int, *pagedList) {
	return func(n int, l *pagedList) {
		if n == call {
			change(l)
		}
	}
}

var changeCases = []changeCase{
	{"some are inserted at the front", at(1, func(l *pagedList) { l.insert(0, memberNames("b", 3)...) }), nil,
		"0 10 20", memberNames("a", 25), ""},
	{"some are inserted at the front, no totals", at(1, func(l *pagedList) { l.insert(0, memberNames("b", 3)...) }), noTotal,
		"0 10 20", memberNames("a", 25), ""},
	{"some are inserted at the end", at(1, func(l *pagedList) { l.insert(25, memberNames("b", 10)...) }), nil,
		"0 10 20 30", append(memberNames("a", 25), memberNames("b", 10)...), ""},
	{"a whole page is inserted at the front", at(1, func(l *pagedList) { l.insert(0, memberNames("b", 10)...) }), nil,
		"0 10 20 30", memberNames("a", 25), ""},
	{"more than a page is inserted at the front", at(1, func(l *pagedList) { l.insert(0, memberNames("b", 12)...) }), nil,
		"0 10 20 30", slices.Concat(memberNames("a", 10), []string{"b10", "b11"}, memberNames("a", 25)[10:]), ""},
	{"a whole page is inserted at the front, no totals", at(1, func(l *pagedList) { l.insert(0, memberNames("b", 10)...) }), noTotal,
		"0 10", memberNames("a", 10), repeats},
	{"a page is inserted at the front, again and again", func(call int, l *pagedList) {
		if call > 0 {
			l.insert(0, memberNames(fmt.Sprintf("b%d_", call), 10)...)
		}
	}, nil, "0 10 20 30 40 50 60 70 80 90 100 110 120 130 140 150 160 170 180 190 200 210 220", memberNames("a", 10), repeats},

	{"some are deleted from the front", at(1, func(l *pagedList) { l.remove(0, 3) }), nil,
		"0 10 7 17", memberNames("a", 25), ""},
	{"some are deleted from the front, no totals: they are missed", at(1, func(l *pagedList) { l.remove(0, 3) }), noTotal,
		"0 10 20", slices.Delete(memberNames("a", 25), 10, 13), ""},
	{"some are deleted further on", at(1, func(l *pagedList) { l.remove(15, 3) }), nil,
		"0 10 7 17", slices.Delete(memberNames("a", 25), 15, 18), ""},
	{"some are deleted twice", func(call int, l *pagedList) {
		if call == 1 || call == 3 {
			l.remove(0, 3)
		}
	}, nil, "0 10 7 17 14", memberNames("a", 25), ""},
	{"a delete is seen at the last page", at(2, func(l *pagedList) { l.remove(0, 2) }), nil,
		"0 10 20 18", memberNames("a", 25), ""},
	{"a delete empties the last page", at(2, func(l *pagedList) { l.remove(0, 8) }), nil,
		"0 10 20 12", memberNames("a", 25), ""},
	{"the last page is deleted", at(2, func(l *pagedList) { l.remove(20, 5) }), nil,
		"0 10 20 15", memberNames("a", 20), ""},
	{"more is deleted than was read", at(1, func(l *pagedList) { l.remove(5, 18) }), nil,
		"0 10 0", append(memberNames("a", 10), "a23", "a24"), ""},
	{"everything is deleted", at(1, func(l *pagedList) { l.remove(0, 25) }), nil,
		"0 10 0", memberNames("a", 10), ""},
	{"one is deleted before every request", func(call int, l *pagedList) {
		if call > 0 && len(l.ids) > 5 {
			l.remove(0, 1)
		}
	}, nil, "0 10 9 3 13 12 6 16 15 9", memberNames("a", 25), ""},
	{"one is deleted, then one inserted", func(call int, l *pagedList) {
		switch call {
		case 1:
			l.remove(0, 1)
		case 2:
			l.insert(0, "b")
		}
	}, nil, "0 10 9 19", memberNames("a", 25), ""},

	{"totals that oscillate by a page", nil, oscillating(25, 15), "0 10 20", memberNames("a", 25), ""},
	{"totals that oscillate by less than a page", nil, oscillating(25, 22), "0 10 7 17", memberNames("a", 25), ""},
	{"totals that oscillate to nothing", nil, oscillating(25, 0), "0 10 20", memberNames("a", 25), ""},
	{"totals that decrease forever", nil, func(ask pageRequest, _ int) int { return max(0, 1000-ask.call) },
		"0 10 9 3 13 12 6 16 15 9 19 18 12 22 21 15 25 24 18", memberNames("a", 25), ""},
	{"totals that increase forever", nil, func(ask pageRequest, _ int) int { return 1000 + ask.call }, "0 10 20", memberNames("a", 25), ""},
}

func oscillating(even, odd int) func(pageRequest, int) int {
	return func(ask pageRequest, _ int) int { return []int{even, odd}[ask.call%2] }
}

// TestListsThatChange reads lists one page after the other while they change or appear to.
func TestListsThatChange(t *testing.T) {
	t.Parallel()
	for _, c := range changeCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := pagedList{ids: memberNames("a", 25), total: c.total}
			if c.change != nil {
				l.before = func(ask pageRequest, l *pagedList) { c.change(ask.call, l) }
			}
			f := newPagedMembers(l.answer)
			items, err := collectTwice(t, f.GetMembers(t.Context()).Limit(10), false)
			assert.Equal(t, c.items, items)
			if c.err == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.err)
			}
			assert.Equal(t, strings.ReplaceAll(c.asked+" ", " ", "+10 "), strings.Join(f.requests(), " ")+" ")
		})
	}
}

// TestDeletesBeforeTheOffset: the list begins at Offset, even if items are deleted.
func TestDeletesBeforeTheOffset(t *testing.T) {
	t.Parallel()
	l := pagedList{ids: memberNames("a", 45), before: func(ask pageRequest, l *pagedList) {
		if ask.call == 1 {
			l.remove(0, 15)
		}
	}}
	f := newPagedMembers(l.answer)
	_, err := f.GetMembers(t.Context()).Limit(10).Offset(20).Collect()
	require.NoError(t, err)
	require.Equal(t, []string{"20+10", "30+10", "20+10"}, f.requests())
}

// TestTotalsThatOscillateEnd: no totals make an iterator continue forever, or yield an item twice.
func TestTotalsThatOscillateEnd(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		random := newRandom(seed)
		size := 1 + random.IntN(12)
		l := pagedList{ids: memberNames("a", random.IntN(60)), most: 1 + random.IntN(12)}
		l.total = func(pageRequest, int) int { return random.IntN(70) - 1 }
		l.next = func(bool) bool { return random.IntN(2) == 0 }
		l.length = func(ask pageRequest) int { return 1 + random.IntN(ask.limit) }
		f := newPagedMembers(l.answer)
		members, err := f.GetMembers(t.Context()).Limit(int64(size)).Collect()
		if err != nil {
			require.Regexp(t, repeats+"|"+emptyPage, err.Error(), "seed %d", seed)
		}
		requireEachOnce(t, memberIDs(members))
		require.Less(t, len(f.requests()), 5000, "seed %d", seed)
	}
}

// TestItemsWithoutIdsEnd: items without IDs do not make an iterator continue forever, not even when the total
// grows with every page of them.
func TestItemsWithoutIdsEnd(t *testing.T) {
	t.Parallel()
	l := pagedList{ids: make([]string, 10), start: ignoreOffset, next: allLinks}
	l.total = func(ask pageRequest, _ int) int { return 1000 + ask.offset }
	f := newPagedMembers(func(ask pageRequest) (*ldapi.Members, error) {
		if ask.call == 100 {
			return nil, errors.New("it does not end")
		}
		return l.answer(ask)
	})
	_, err := f.GetMembers(t.Context()).Limit(10).Collect()
	require.ErrorContains(t, err, repeats)
}

// TestPagesKeepWhatServersGive: items that an iterator skips stay in the page that a fake returned.
func TestPagesKeepWhatServersGive(t *testing.T) {
	t.Parallel()
	first, second := memberPage(3, true, "a", "b"), memberPage(3, false, "b", "c")
	second.AdditionalProperties = map[string]any{"more": true}
	f := newPagedMembers(func(ask pageRequest) (*ldapi.Members, error) { return []*ldapi.Members{first, second}[ask.call], nil })
	var pages []*ldapi.Members
	for p, err := range f.GetMembers(t.Context()).Limit(2).Pages() {
		require.NoError(t, err)
		pages = append(pages, p)
	}
	require.Len(t, pages, 2)
	require.Same(t, first, pages[0], "a page of new items is yielded unchanged")
	require.Equal(t, []string{"c"}, memberIDs(pages[1].Items))
	require.Equal(t, second.AdditionalProperties, pages[1].AdditionalProperties)
	require.Equal(t, int32(3), pages[1].GetTotalCount())
	require.Equal(t, []string{"b", "c"}, memberIDs(second.Items), "the fake's own page is not changed")
}
