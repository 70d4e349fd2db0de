package paging

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// auditLog is a server of a list that is read by time, newest first.
type auditLog struct {
	dates     []int64 // newest first; the index is the ID
	inclusive bool    // a page also has the items of the time that it ends before
	withNext  bool    // pages link to the next one
	most      int64
}

func (s *auditLog) page(limit, before int64) Page {
	p := Page{Links: true}
	for i, date := range s.dates {
		if before != Now && (date > before || date == before && !s.inclusive) {
			continue
		}
		if int64(len(p.IDs)) == min(limit, s.most) {
			p.Next = s.withNext
			break
		}
		p.IDs, p.Dates = append(p.IDs, fmt.Sprint(i)), append(p.Dates, date)
	}
	return p
}

// readAll reads the list as the iterators do. It fails if the list does not end.
func readAll(t *testing.T, s *auditLog, limit, before int64) (ids []string, err error) {
	t.Helper()
	c := NewTimes(limit, s.most, before)
	for requests := 0; !c.Done(); requests++ {
		if requests > 2*len(s.dates)+5 {
			t.Fatalf("%+v with limit %d: %d requests for %d items", s, limit, requests, len(s.dates))
		}
		p := s.page(c.Next())
		fresh, err := c.Take(p)
		for _, i := range fresh {
			ids = append(ids, p.IDs[i])
		}
		if err != nil {
			return ids, err
		}
	}
	return ids, nil
}

// TestTimes: items of one millisecond on both sides of the end of a page are neither lost nor repeated.
func TestTimes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dates         []int64
		limit, before int64
		want          int // items, if none is lost
		err           error
	}{
		"empty":                         {nil, 20, Now, 0, nil},
		"one page":                      {[]int64{9, 8, 7}, 20, Now, 3, nil},
		"just a full page":              {[]int64{9, 8, 7}, 3, Now, 3, nil},
		"two pages":                     {[]int64{9, 8, 7, 6, 5}, 3, Now, 5, nil},
		"a millisecond over the border": {[]int64{9, 8, 7, 7, 7, 5}, 3, Now, 6, nil},
		"a millisecond that is as long as a page":  {[]int64{9, 7, 7, 7, 5}, 3, Now, 5, nil},
		"a millisecond that is longer than a page": {[]int64{9, 7, 7, 7, 7, 7, 5, 4}, 3, Now, 8, nil},
		"the first millisecond is longer":          {[]int64{7, 7, 7, 7, 7, 5, 4}, 3, Now, 7, nil},
		"pages of one":                             {[]int64{9, 7, 7, 5}, 1, Now, 4, nil},
		"a millisecond longer than the API lists":  {slices.Repeat([]int64{7}, 21), 20, Now, 20, errCrowded},
		"before a time":                            {[]int64{9, 8, 7, 6, 5}, 2, 8, 3, nil},
		"nothing before a time":                    {[]int64{9, 8}, 2, 8, 0, nil},
	} {
		for _, links := range []bool{true, false} {
			s := &auditLog{dates: c.dates, withNext: links, most: 20}
			ids, err := readAll(t, s, c.limit, c.before)
			if err != c.err || len(ids) != c.want || hasRepeats(ids) {
				t.Errorf("%s, links %t: got %v and the error %v, want %d items and %v", name, links, ids, err, c.want, c.err)
			}
		}
	}
}

func hasRepeats(ids []string) bool {
	sorted := slices.Sorted(slices.Values(ids))
	return len(slices.Compact(sorted)) < len(ids)
}

// TestTimesOfAnyServer: whether the server includes the time or not, and links or not, each item is read once, in order.
func TestTimesOfAnyServer(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 0))
		s := &auditLog{inclusive: rng.IntN(2) == 0, withNext: rng.IntN(2) == 0, most: 20}
		at, crowd := int64(1000), 0
		for range rng.IntN(60) {
			if rng.IntN(3) == 0 {
				at -= rng.Int64N(4)
			}
			s.dates = append(s.dates, at)
		}
		for _, date := range s.dates {
			n := 0
			for _, other := range s.dates {
				if other == date {
					n++
				}
			}
			crowd = max(crowd, n)
		}
		limit := 1 + rng.Int64N(20)
		ids, err := readAll(t, s, limit, Now)
		if hasRepeats(ids) || !slices.IsSortedFunc(ids, compareNumbers) {
			t.Fatalf("seed %d: %v has repeats, or is in another order", seed, ids)
		}
		if err == nil && len(ids) != len(s.dates) || err != nil && crowd < 19 {
			t.Fatalf("seed %d, limit %d, %+v: %d items and the error %v", seed, limit, s, len(ids), err)
		}
	}
}

func compareNumbers(a, b string) int {
	var x, y int
	_, _ = fmt.Sscan(a, &x)
	_, _ = fmt.Sscan(b, &y)
	return x - y
}

// TestTimesEndsAtPagesThatRepeat: a server that ignores the time, or sends no dates, ends the list with an error.
func TestTimesEndsAtPagesThatRepeat(t *testing.T) {
	t.Parallel()
	same := Page{IDs: []string{"1", "2"}, Dates: []int64{9, 8}, Links: true, Next: true}
	for _, limit := range []int64{2, 20} {
		c, items := NewTimes(limit, limit, Now), 0
		for requests := 0; ; requests++ {
			fresh, err := c.Take(same)
			items += len(fresh)
			if err == errRepeatedPage {
				break
			}
			if err != nil || requests > 5 || c.Done() {
				t.Fatalf("request %d: error %v, done %t", requests, err, c.Done())
			}
		}
		if items != 2 {
			t.Errorf("limit %d: %d items, want 2", limit, items)
		}
	}
	if _, err := NewTimes(2, 2, Now).Take(Page{IDs: []string{"1", "2"}, Dates: []int64{0, 0}}); err != errNoDate {
		t.Errorf("no dates: got the error %v", err)
	}
	// Items without an ID cannot be compared with earlier ones.
	c := NewTimes(2, 2, Now)
	if fresh, err := c.Take(Page{IDs: []string{"", ""}, Dates: []int64{9, 9}}); err != nil || len(fresh) != 2 {
		t.Errorf("without IDs: got %v and the error %v", fresh, err)
	}
}
