package ldapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// PageError is an error of an iterator over a list: it stopped here. What came before was delivered.
type PageError struct {
	// Offset is where to continue: the offset of the page that failed, or of the next one if the items of the page that could be
	// decoded were yielded.
	Offset int64
	// Err is what went wrong.
	Err error
}

// Error names the offset and the error.
func (e *PageError) Error() string { return fmt.Sprintf("page at offset %d: %v", e.Offset, e.Err) }

// Unwrap returns what went wrong.
func (e *PageError) Unwrap() error { return e.Err }

// listing is what the iterators need of a list operation. P is a pointer to a page of it: for the compiler all pointer types are
// one, while code that is generic in the items, which are values, is compiled for each type.
type listing[P any] struct {
	operation string
	ctx       context.Context
	limit     *int64 // as the caller set it
	offset    *int64
	pageSize  int64 // when the caller set no limit
	prefetch  int
	fetch     func(ctx context.Context, limit, offset int64) (P, error)
	look      func(p P) page
	keep      func(p P, items []int) P // a copy of p with just these items
}

// page is what a page says. total is nil when it does not tell.
type page struct {
	ids   []string // of its items; empty for those without id
	total *int32
	links bool // there are links, such as to itself
	next  bool // there is a link to the next page
}

// pages gives the pages one after the other, without what an earlier page had.
func (l *listing[P]) pages(yield func(P, error) bool) {
	var none P
	c, err := l.start()
	if err != nil {
		yield(none, err)
		return
	}
	ctx, cancel := context.WithCancel(contextOf(l.ctx))
	f := &fetcher[P]{list: l, limit: c.limit}
	defer f.giveUp()
	defer cancel()
	for !c.done {
		p, failure := f.get(ctx, c)
		if failure != nil && !isPartial(failure) {
			yield(none, &PageError{Offset: c.offset, Err: failure})
			return
		}
		content, offset := l.look(p), c.offset
		if failure != nil && len(content.ids) == 0 {
			yield(none, &PageError{Offset: offset, Err: failure})
			return
		}
		fresh, err := c.take(content)
		if err != nil {
			yield(none, &PageError{Offset: offset, Err: err})
			return
		}
		if len(fresh) < len(content.ids) {
			p = l.keep(p, fresh)
		}
		if len(fresh) > 0 && !yield(p, nil) {
			return
		}
		if failure != nil {
			yield(none, &PageError{Offset: c.offset, Err: failure})
			return
		}
	}
}

// isPartial reports whether what was decoded of a page is returned along with err.
func isPartial(err error) bool {
	return errors.Is(err, ErrDecode) || errors.Is(err, ErrResponseTooLarge)
}

// allItems gives the items of pages one after the other. Like collect it is not inlined: with copies of the loops in each
// caller the package has 5 % more code to compile.
//
//go:noinline
func allItems[P, T any](pages iter.Seq2[P, error], items func(P) []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for p, err := range pages {
			if err != nil {
				yield(*new(T), err)
				return
			}
			for _, item := range items(p) {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// collect gives all items, or those before the error beside it.
//
//go:noinline
func collect[T any](all iter.Seq2[T, error]) ([]T, error) {
	items := []T{}
	for item, err := range all {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

// idsOf gives the ids of items.
func idsOf[T any](items []T, id func(*T) string) []string {
	ids := make([]string, len(items))
	for i := range items {
		ids[i] = id(&items[i])
	}
	return ids
}

// pick gives some of the items.
func pick[T any](items []T, which []int) []T {
	picked := make([]T, len(which))
	for i, at := range which {
		picked[i] = items[at]
	}
	return picked
}

// start refuses a page size that leads nowhere.
func (l *listing[P]) start() (*cursor, error) {
	c := &cursor{limit: l.pageSize, seen: make(map[string]struct{})}
	if l.offset != nil {
		c.offset = *l.offset
	}
	c.first, c.readUpTo, c.gapless = c.offset, c.offset, c.offset
	if l.limit != nil {
		c.limit = *l.limit
	}
	switch {
	case c.limit <= 0:
		return nil, &PageError{Offset: c.offset, Err: &ArgumentError{Operation: l.operation, Parameter: "limit", Reason: "a page must hold one item at least"}}
	case l.prefetch < 0:
		return nil, &PageError{Offset: c.offset, Err: &ArgumentError{Operation: l.operation, Parameter: "prefetch", Reason: "must not be negative"}}
	}
	return c, nil
}

// cursor knows where in the list the iteration is, and when it is at the end. Totals, links and the length of a page are hints, not
// proof: the server may shorten pages, some report in total what a page holds, and others change the list meanwhile. The iteration
// ends where the hints agree.
type cursor struct {
	offset       int64 // of the next page
	first        int64 // of the first page
	readUpTo     int64 // how far what was read may reach: a page that goes beyond must bring something new
	gapless      int64 // how far nothing was missed, even if all that is gone since lay before
	limit        int64
	largest      int    // page so far
	linked       bool   // a page had a link to the next one
	total        *int32 // most recently reported; nil if unknown
	totalIsWrong bool   // the total was less than the items before it: it counts something else
	empty        bool   // the latest page was empty although there is more
	idle         int    // pages in a row that brought nothing
	done         bool
	seen         map[string]struct{}
}

var errEmptyPage = errors.New("server returned an empty page before the end of the list")

var errRepeatedPage = errors.New("the server repeats itself: the page holds nothing that was not there before")

// take takes in the page at the offset: it gives the items that are new in it, and moves on. Nothing is new in a page that
// is to be read again because items before it were deleted.
func (c *cursor) take(p page) ([]int, error) {
	c.checkTotal(&p)
	grown := c.grown(p.total)
	c.gapless = max(c.first, c.gapless+min(grown, 0)) // what is gone moved the rest forward
	c.readUpTo += max(0, grown)                       // what came moved it back
	if c.offset > c.gapless {
		c.stepBack()
		return nil, c.countIdle(true)
	}
	if len(p.ids) == 0 {
		return nil, c.takeEmpty(p)
	}
	c.empty = false
	fresh := make([]int, 0, len(p.ids))
	progress := false
	for i, id := range p.ids {
		if isNew := c.isNew(id); isNew || id == "" {
			fresh = append(fresh, i)
			progress = progress || isNew
		}
	}
	var err error
	if progress || len(fresh) > 0 && c.promised() {
		c.idle = 0
	} else {
		err = c.countIdle(c.offset+int64(len(p.ids)) <= c.readUpTo)
	}
	c.advance(len(p.ids), p)
	return fresh, err
}

// checkTotal removes the total of p if it cannot be that of the list: a page ends within its list.
func (c *cursor) checkTotal(p *page) {
	if p.total != nil && len(p.ids) > 0 && int64(*p.total) < c.offset+int64(len(p.ids)) {
		c.totalIsWrong, c.total = true, nil
	}
	if c.totalIsWrong {
		p.total = nil
	}
}

// takeEmpty takes in a page without items: the end or, if the page claims that there is more, one that is requested once more.
func (c *cursor) takeEmpty(p page) error {
	switch more := (p.next || !p.links) && p.total != nil && int64(*p.total) > c.offset; {
	case !more:
		c.done = true
	case c.empty:
		return errEmptyPage
	}
	c.empty = true
	return nil
}

// grown tells by how much the total changed since it was last told.
func (c *cursor) grown(total *int32) int64 {
	if total == nil {
		return 0
	}
	before := c.total
	c.total = total
	if before == nil {
		return 0
	}
	return int64(*total) - int64(*before)
}

// isNew keeps an id, and reports whether it was not there before.
func (c *cursor) isNew(id string) bool {
	if _, known := c.seen[id]; known || id == "" {
		return false
	}
	c.seen[strings.Clone(id)] = struct{}{} // not the page that the id is part of
	return true
}

// promised reports whether a page of items without ids, which cannot be told from others, is one that had to come: the
// first, or one that the total tells of.
func (c *cursor) promised() bool {
	return c.largest == 0 || c.offset >= c.readUpTo && c.total != nil && c.offset < int64(*c.total)
}

// stepBack goes back to where nothing was jumped over. When that has just been done and more is gone already, it goes
// back further, so that the list may go on shrinking while the page is on its way.
func (c *cursor) stepBack() {
	c.offset = max(c.first, c.gapless-int64(min(c.idle*c.largest/2, c.largest-1)))
}

// patience is how many pages in a row may bring nothing new, beside those of reading all over once.
const patience = 20

// countIdle counts a page that brought nothing new. That needs a reason, and there is an end to it.
func (c *cursor) countIdle(expected bool) error {
	c.idle++
	if !expected || c.idle > patience+len(c.seen)/max(c.largest, 1) {
		return errRepeatedPage
	}
	return nil
}

// advance moves past a page of so many items, and decides whether it was the last.
func (c *cursor) advance(length int, p page) {
	c.largest = max(c.largest, length)
	c.offset += int64(length)
	c.readUpTo, c.gapless = max(c.readUpTo, c.offset), max(c.gapless, c.offset)
	short := length < c.largest
	reached := c.total != nil && c.offset >= int64(*c.total)
	beyond := c.total != nil && !reached
	switch {
	case p.next:
		c.done = reached && short
	case p.links || c.linked:
		c.done = reached || c.linked && (short || c.totalIsWrong)
	default:
		c.done = int64(length) < c.limit && !beyond
	}
	c.linked = c.linked || p.next
}
