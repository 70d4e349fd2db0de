package ldapi

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/ldapi-go/ldapi/internal/paging"
)

// PageError reports the page at which an iterator failed. Items before that page were already
// yielded.
type PageError struct {
	// Offset is where to continue: the offset of the page that failed, or that of the next page if
	// the items that could be decoded were yielded. For the audit log, which is read by time, it is
	// the time to continue before, in milliseconds since the Unix epoch, or 0 for the present. The
	// list that continues there yields the entries of the oldest millisecond that was read again,
	// because it may have more of them: compare their IDs.
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
	position  *int64 // likewise: the offset or, for a list that is read by time, the time before which
	byTime    bool
	pageSize  int64 // when the caller set no limit
	prefetch  int
	fetch     func(ctx context.Context, limit, position int64) (P, error)
	look      func(p P) paging.Page
	keep      func(p P, items []int) P // a copy of p with just these items
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
	f := &paging.Fetcher[P]{Fetch: l.fetch, Ahead: l.prefetch}
	defer f.GiveUp()
	defer cancel()
	for read := 0; !c.Done(); {
		_, position := c.Next()
		p, failure := f.Get(ctx, c)
		if failure != nil && !isPartial(failure) {
			yield(none, l.pageError(position, failure))
			return
		}
		content := l.look(p)
		if failure != nil && len(content.IDs) == 0 {
			yield(none, l.pageError(position, failure))
			return
		}
		fresh, err := c.Take(content)
		if len(fresh) < len(content.IDs) {
			p = l.keep(p, fresh)
		}
		read += len(fresh)
		reportProgress(l.ctx, l.operation, read, content.Known())
		if len(fresh) > 0 && !yield(p, nil) {
			return
		}
		if err != nil {
			yield(none, l.pageError(position, err))
			return
		}
		if failure != nil {
			_, position = c.Next()
			yield(none, l.pageError(position, failure))
			return
		}
	}
}

func (l *listing[P]) pageError(position int64, err error) error {
	if l.byTime {
		position = max(position, 0)
	}
	return &PageError{Offset: position, Err: err}
}

// isPartial reports whether what could be decoded of a page is returned along with err.
func isPartial(err error) bool {
	return errors.Is(err, ErrDecode) || errors.Is(err, ErrResponseTooLarge)
}

// allItems returns an iterator over the items of pages.
//
//go:noinline
func allItems[P, T any](pages iter.Seq2[P, error], items func(P) []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		pages(func(p P, err error) bool {
			if err != nil {
				return yield(*new(T), err) && false
			}
			for _, item := range items(p) {
				if !yield(item, nil) {
					return false
				}
			}
			return true
		})
	}
}

// collect returns all items, or those before an error along with it.
//
//go:noinline
func collect[T any](all iter.Seq2[T, error]) ([]T, error) {
	items, failure := []T{}, error(nil)
	all(func(item T, err error) bool {
		if failure = err; err == nil {
			items = append(items, item)
		}
		return err == nil
	})
	return items, failure
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
func (l *listing[P]) start() (paging.Cursor, error) {
	limit, position := l.pageSize, int64(0)
	if l.byTime {
		position = paging.Now
	}
	if l.limit != nil {
		limit = *l.limit
	}
	if l.position != nil {
		position = *l.position
	}
	switch {
	case limit <= 0:
		return nil, l.pageError(position, &ArgumentError{Operation: l.operation, Parameter: "limit", Reason: "a page must hold one item at least"})
	case l.prefetch < 0:
		return nil, l.pageError(position, &ArgumentError{Operation: l.operation, Parameter: "prefetch", Reason: "must not be negative"})
	case l.byTime:
		return paging.NewTimes(limit, l.pageSize, position), nil
	}
	return paging.NewOffsets(limit, position), nil
}
