package ldapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// PageError reports the page at which an iterator failed. Items before that page were already
// yielded.
type PageError struct {
	// Offset is where to continue: the offset of the page that failed, or that of the next page if
	// the items that could be decoded were yielded.
	Offset int64
	// Err is the reason.
	Err error
}

// Error returns the offset and the reason.
func (e *PageError) Error() string { return fmt.Sprintf("page at offset %d: %v", e.Offset, e.Err) }

// Unwrap returns the reason.
func (e *PageError) Unwrap() error { return e.Err }

// listing is what the iterators need of a list operation. P must be a pointer to its page, so that
// all instantiations share one GC shape and are compiled once (see BenchmarkColdBuild); items,
// which are values, would be compiled for each type.
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

// page is what the iterators need of a page. total is nil if the page does not report it.
type page struct {
	ids   []string // of its items; empty for those without id
	total *int32
	links bool // there are links, such as to itself
	next  bool // there is a link to the next page
}

// pages yields the pages in order, without items that an earlier page had.
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

// isPartial reports whether what could be decoded of a page is returned along with err.
func isPartial(err error) bool {
	return errors.Is(err, ErrDecode) || errors.Is(err, ErrResponseTooLarge)
}

// allItems returns an iterator over the items of pages.
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

// collect returns all items, or those before an error along with it.
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

// idsOf returns the IDs of items.
func idsOf[T any](items []T, id func(*T) string) []string {
	ids := make([]string, len(items))
	for i := range items {
		ids[i] = id(&items[i])
	}
	return ids
}

// pick returns the items at these indexes.
func pick[T any](items []T, which []int) []T {
	picked := make([]T, len(which))
	for i, at := range which {
		picked[i] = items[at]
	}
	return picked
}

// start returns the cursor at the first page, or an error if the page size or the prefetch is
// invalid.
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
