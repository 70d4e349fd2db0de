package ldapi

import (
	"errors"
	"strings"
)

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
