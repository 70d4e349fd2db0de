package paging

import (
	"errors"
	"maps"
	"strings"
)

// Times is the [Cursor] of a list that is read by time: newest first, each page with the items before a time. Items of one
// millisecond may be on both sides of the end of a page, so the next page repeats the millisecond of the oldest item.
type Times struct {
	before    int64 // of the next page, in milliseconds since the Unix epoch, or [Now]
	limit     int64
	most      int64 // items on a page, as the API permits
	inclusive bool  // the server includes the items of the millisecond before which it was asked for
	seen      map[string]int64
	idle      int // pages in a row without a new item
	done      bool
}

// mostIdle is how many pages in a row may bring nothing new: one that repeats a millisecond, and one with a higher limit.
const mostIdle = 2

// Now is the position of the first page of a list that is read from the present on.
const Now = -1

var (
	errCrowded = errors.New("one millisecond has at least as many items as a page holds: the API cannot list all of it")
	errNoDate  = errors.New("server returned a page whose items have no date")
)

// NewTimes returns the cursor of a list with the items before a time, with limit items on a page and never more than most.
func NewTimes(limit, most, before int64) *Times {
	return &Times{limit: limit, most: most, before: before, seen: map[string]int64{}}
}

// Next returns the largest number of items on the next page, and the time that they are before.
func (c *Times) Next() (limit, before int64) { return c.limit, c.before }

// Done reports whether the list has ended.
func (c *Times) Done() bool { return c.done }

// Take implements [Cursor]. It leaves out items of a time that was not asked for.
func (c *Times) Take(p Page) ([]int, error) {
	fresh := make([]int, 0, len(p.IDs))
	oldest, newest := int64(0), int64(0)
	for i, id := range p.IDs {
		date := p.Dates[i]
		if date > 0 && (oldest == 0 || date < oldest) {
			oldest = date
		}
		newest = max(newest, date)
		if c.before != Now && date > c.before {
			continue
		}
		if _, again := c.seen[id]; again && id != "" {
			continue
		}
		c.seen[strings.Clone(id)] = date
		fresh = append(fresh, i)
	}
	c.idle++
	if len(fresh) > 0 {
		c.idle = 0
	}
	full := int64(len(p.IDs)) >= c.limit
	switch {
	case !full && (!p.Next || len(p.IDs) == 0):
		c.done = true
		return fresh, nil
	case oldest == 0:
		return fresh, errNoDate
	}
	return fresh, c.advance(oldest, newest, full)
}

// advance moves to the items before the oldest one of a page, or to the same page again if it can hold more items.
func (c *Times) advance(oldest, newest int64, full bool) error {
	c.inclusive = c.inclusive || c.before != Now && newest >= c.before
	next := oldest
	if !c.inclusive {
		next++
	}
	switch {
	case c.before == Now || next < c.before:
		c.before = next
	case full && c.limit < c.most:
		c.limit = c.most
	case full && oldest == newest:
		return errCrowded
	case full && c.idle > 0 || c.idle > mostIdle:
		return errRepeatedPage
	default:
		c.before--
	}
	maps.DeleteFunc(c.seen, func(_ string, date int64) bool { return date > c.before })
	return nil
}
