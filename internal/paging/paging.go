// Package paging decides which pages of a list to request, which of their items are new, and where the list ends.
package paging

// Page is what a [Cursor] needs of a page.
type Page struct {
	// IDs are those of its items, in order; empty for those without ID.
	IDs []string
	// Dates are those of its items in milliseconds since the Unix epoch, for [Times].
	Dates []int64
	// Total is the number of items of the list, or nil if the page does not report it.
	Total *int32
	// Links reports whether the page has links, such as to itself.
	Links bool
	// Next reports whether it has a link to the next page.
	Next bool
}

// Cursor is the position in a list.
type Cursor interface {
	// Next returns the largest number of items on the next page, and where it starts.
	Next() (limit, position int64)
	// Take records the page at the position and moves to the next one. It returns the indexes of the items that are new, also
	// along with an error, after which the list cannot continue.
	Take(p Page) (fresh []int, err error)
	// Done reports whether the list has ended.
	Done() bool
}

// Known returns the number of items of the list, or 0 if the page does not report it.
func (p Page) Known() int {
	if p.Total == nil {
		return 0
	}
	return int(*p.Total)
}
