package paging

import (
	"errors"
	"strings"
)

// Offsets is the [Cursor] of a list that is read by offset. Totals, links and the length
// of a page are hints, not proof: servers shorten pages, some report the items of the page as
// total, and the list may change meanwhile. The list ends where the hints agree.
type Offsets struct {
	offset       int64 // of the next page
	first        int64 // of the first page
	readUpTo     int64 // items already read stand before it: a page beyond it must contain a new one
	gapless      int64 // no item before it was skipped, even if all items deleted since stood before it
	limit        int64
	largest      int    // page so far
	linked       bool   // a page had a link to the next one
	total        *int32 // most recently reported; nil if unknown
	totalIsWrong bool   // the total was less than the items before it: it counts something else
	empty        bool   // the latest page was empty although there is more
	idle         int    // pages in a row without a new item
	done         bool
	seen         map[string]struct{}
}

var errEmptyPage = errors.New("server returned an empty page before the end of the list")

var errRepeatedPage = errors.New("server returned a page with no new items")

// NewOffsets returns the cursor of a list from offset on, with limit items on a page.
func NewOffsets(limit, offset int64) *Offsets {
	return &Offsets{limit: limit, offset: offset, first: offset, readUpTo: offset, gapless: offset, seen: map[string]struct{}{}}
}

// Next returns the largest number of items on the next page, and its offset.
func (c *Offsets) Next() (limit, offset int64) { return c.limit, c.offset }

// Done reports whether the list has ended.
func (c *Offsets) Done() bool { return c.done }

// Take implements [Cursor]. If items before the page were deleted, it moves back and returns no item.
func (c *Offsets) Take(p Page) ([]int, error) {
	c.checkTotal(&p)
	grown := c.grown(p.Total)
	c.gapless = max(c.first, c.gapless+min(grown, 0)) // deleted items moved the rest forward
	c.readUpTo += max(0, grown)                       // added items moved it back
	if c.offset > c.gapless {
		c.stepBack()
		return nil, c.countIdle(true)
	}
	if len(p.IDs) == 0 {
		return nil, c.takeEmpty(p)
	}
	c.empty = false
	fresh := make([]int, 0, len(p.IDs))
	progress := false
	for i, id := range p.IDs {
		if isNew := c.isNew(id); isNew || id == "" {
			fresh = append(fresh, i)
			progress = progress || isNew
		}
	}
	var err error
	if progress || len(fresh) > 0 && c.promised() {
		c.idle = 0
	} else {
		err = c.countIdle(c.offset+int64(len(p.IDs)) <= c.readUpTo)
	}
	c.advance(len(p.IDs), p)
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// checkTotal removes the total of p if it cannot be that of the list, because the page ends after
// it.
func (c *Offsets) checkTotal(p *Page) {
	if p.Total != nil && len(p.IDs) > 0 && int64(*p.Total) < c.offset+int64(len(p.IDs)) {
		c.totalIsWrong, c.total = true, nil
	}
	if c.totalIsWrong {
		p.Total = nil
	}
}

// takeEmpty records a page without items: it is the end of the list or, if the page claims that
// there is more, it is requested once more.
func (c *Offsets) takeEmpty(p Page) error {
	switch more := (p.Next || !p.Links) && p.Total != nil && int64(*p.Total) > c.offset; {
	case !more:
		c.done = true
	case c.empty:
		return errEmptyPage
	}
	c.empty = true
	return nil
}

// grown returns by how much the total has changed.
func (c *Offsets) grown(total *int32) int64 {
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

// isNew records an ID and reports whether it is new.
func (c *Offsets) isNew(id string) bool {
	if _, known := c.seen[id]; known || id == "" {
		return false
	}
	c.seen[strings.Clone(id)] = struct{}{} // not the page that the id is part of
	return true
}

// promised reports whether a page of items without IDs, which cannot be distinguished, was
// expected: it is the first one, or the total extends to it.
func (c *Offsets) promised() bool {
	return c.largest == 0 || c.offset >= c.readUpTo && c.total != nil && c.offset < int64(*c.total)
}

// stepBack moves back to where no item was skipped. If it did so for the previous page and more
// items were deleted meanwhile, it moves back further, so that the list may keep shrinking while a page
// is in flight.
func (c *Offsets) stepBack() {
	c.offset = max(c.first, c.gapless-int64(min(c.idle*c.largest/2, c.largest-1)))
}

// patience is how many pages in a row may bring nothing new, in addition to one pass over all
// items.
const patience = 20

// countIdle counts a page without a new item. It returns an error if there is no reason for
// it, or after too many.
func (c *Offsets) countIdle(expected bool) error {
	c.idle++
	if !expected || c.idle > patience+len(c.seen)/max(c.largest, 1) {
		return errRepeatedPage
	}
	return nil
}

// advance moves past a page of so many items, and decides whether it was the last one.
func (c *Offsets) advance(length int, p Page) {
	c.largest = max(c.largest, length)
	c.offset += int64(length)
	c.readUpTo, c.gapless = max(c.readUpTo, c.offset), max(c.gapless, c.offset)
	short := length < c.largest
	reached := c.total != nil && c.offset >= int64(*c.total)
	beyond := c.total != nil && !reached
	switch {
	case p.Next:
		c.done = reached && short
	case p.Links || c.linked:
		c.done = reached || c.linked && (short || c.totalIsWrong)
	default:
		c.done = int64(length) < c.limit && !beyond
	}
	c.linked = c.linked || p.Next
}
