package ldapi

import (
	"context"
	"runtime"
	"sync"
)

// fetcher fetches the pages of a listing: one by one, or with several in flight once the first page
// has shown the length of a page and the number of items.
type fetcher[P any] struct {
	list    *listing[P]
	limit   int64
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

// get returns the page at the offset of the cursor. Pages in flight that the list does not continue
// with are canceled. While the list changes so much that pages bring nothing new, pages are fetched
// one by one: responses in another order would look like more changes.
func (f *fetcher[P]) get(ctx context.Context, c *cursor) (P, error) {
	if f.list.prefetch < 2 || c.largest == 0 || c.total == nil {
		return f.list.fetch(ctx, f.limit, c.offset)
	}
	if len(f.flights) > 0 && f.flights[0].offset != c.offset {
		f.giveUp()
	}
	most := f.list.prefetch
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
		f.launch(ctx, offset)
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

func (f *fetcher[P]) launch(ctx context.Context, offset int64) {
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
		result.page, result.err = f.list.fetch(ctx, f.limit, offset)
		result.ended = true
	})
}

// giveUp cancels all pages in flight and waits for their goroutines.
func (f *fetcher[P]) giveUp() {
	for _, flight := range f.flights {
		flight.cancel()
	}
	f.flights = nil
	f.running.Wait()
}
