package paging

import (
	"context"
	"runtime"
	"sync"
)

// Fetcher fetches the pages of a list: one by one, or with several in flight once the first page
// has shown the length of a page and the number of items.
type Fetcher[P any] struct {
	// Fetch requests the page at a position.
	Fetch func(ctx context.Context, limit, position int64) (P, error)
	// Ahead is the number of pages that may be in flight.
	Ahead int

	flights []flight[P] // in the order of their offsets
	running sync.WaitGroup
}

// flight is a page in flight.
type flight[P any] struct {
	offset int64
	landed chan landing[P]
	cancel context.CancelFunc
}

// landing is how a flight ended: with a page, an error, a panic of the caller's code, or
// runtime.Goexit.
type landing[P any] struct {
	page     P
	err      error
	panicked any
	ended    bool // the fetch returned
}

// Get returns the next page of the cursor. Pages in flight that the list does not continue
// with are canceled. While the list changes so much that pages bring nothing new, pages are fetched
// one by one: responses in another order would look like more changes.
func (f *Fetcher[P]) Get(ctx context.Context, next Cursor) (P, error) {
	limit, position := next.Next()
	c, ok := next.(*Offsets)
	if f.Ahead < 2 || !ok || c.largest == 0 || c.total == nil {
		return f.Fetch(ctx, limit, position)
	}
	if len(f.flights) > 0 && f.flights[0].offset != c.offset {
		f.GiveUp()
	}
	most := f.Ahead
	if c.idle > 0 {
		most = 1
	}
	for len(f.flights) < most {
		offset := c.offset
		if n := len(f.flights); n > 0 {
			offset = f.flights[n-1].offset + int64(c.largest)
			if offset >= int64(*c.total) {
				break
			}
		}
		f.launch(ctx, limit, offset)
	}
	head := f.flights[0]
	f.flights = f.flights[1:]
	result := <-head.landed
	head.cancel()
	switch {
	case result.panicked != nil:
		panic(result.panicked) // in the goroutine that ranges, where the caller can recover
	case !result.ended:
		runtime.Goexit() // as t.FailNow does in a fake
	}
	return result.page, result.err
}

func (f *Fetcher[P]) launch(ctx context.Context, limit, offset int64) {
	ctx, cancel := context.WithCancel(ctx)
	landed := make(chan landing[P], 1)
	f.flights = append(f.flights, flight[P]{offset, landed, cancel})
	f.running.Go(func() {
		var result landing[P]
		defer func() {
			if !result.ended {
				result.panicked = recover()
			}
			landed <- result
		}()
		result.page, result.err = f.Fetch(ctx, limit, offset)
		result.ended = true
	})
}

// GiveUp cancels all pages in flight and waits for their goroutines.
func (f *Fetcher[P]) GiveUp() {
	for _, flight := range f.flights {
		flight.cancel()
	}
	f.flights = nil
	f.running.Wait()
}
