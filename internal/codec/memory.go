package codec

import "strings"

const (
	chunkBytes  = 4 << 10 // what a string kept for long may keep with it
	chunkCells  = 64
	mostScratch = 1 << 10 // elements of a list that stay allocated between documents
)

// A document may take so much memory to decode: budgetFactor times its size, and budgetBase. What is charged is what is kept and
// what growing leaves behind; that is less than what the documentation promises (24 times the size and 4 MiB), because buffers of
// the scanner are not charged.
const (
	budgetFactor = 18
	budgetBase   = 3 << 20
)

// Sizes in memory, in bytes.
const (
	mapHeader    = 48
	stringHeader = 16
	sliceHeader  = 24
	boxedFloat   = 8
)

// memory allocates decoded values in chunks: a page of members has hundreds of small ones. It never shares the response's
// buffer, and charges what it allocates to the budget of the document.
type memory struct {
	budget  int64 // bytes that may still be allocated
	chunk   strings.Builder
	left    int // bytes that the document may still need
	cells   int // how many to get at a time
	strings []string
	bools   []bool
	int32s  []int32
	int64s  []int64
	list    []string // scratch for a list of unknown length
}

// expect prepares for a document: a small one needs small chunks.
func (m *memory) expect(size int) {
	m.budget = budgetFactor*int64(size) + budgetBase
	m.left = size
	m.cells = min(chunkCells, 4+size/128)
}

// forget lets go of everything, so that nothing of a document outlives it here.
func (m *memory) forget() {
	m.chunk.Reset()
	m.strings, m.bools, m.int32s, m.int64s = nil, nil, nil, nil
	if cap(m.list) > mostScratch {
		m.list = nil
	}
	clear(m.list[:cap(m.list)])
}

// text copies b into the chunk.
func (m *memory) text(b []byte) string {
	if len(b) > chunkBytes/8 {
		m.charge(len(b))
		return string(b)
	}
	if m.chunk.Cap()-m.chunk.Len() < len(b) {
		size := max(len(b), min(chunkBytes, m.left))
		m.charge(size)
		m.chunk.Reset()
		m.chunk.Grow(size)
	}
	m.left -= len(b)
	start := m.chunk.Len()
	m.chunk.Write(b)
	return m.chunk.String()[start:]
}

// copyList returns a copy of list.
func (m *memory) copyList(list []string) []string {
	n := len(list)
	if n == 0 {
		return []string{}
	}
	if n > chunkCells/4 {
		m.charge(n * stringHeader)
		return append([]string(nil), list...)
	}
	if len(m.strings) < n {
		cells := max(n, m.cells)
		m.charge(cells * stringHeader)
		m.strings = make([]string, cells)
	}
	out := m.strings[:n:n]
	m.strings = m.strings[n:]
	copy(out, list)
	return out
}

// charge takes n bytes from the budget. The decoder checks the rest before it allocates anything whose size the document
// chooses.
func (m *memory) charge(n int) { m.budget -= int64(n) }

// grown returns the next capacity of a list that has no room for another element, and charges it. The list grows as with append. The
// result is 0 if the budget does not allow it.
func (m *memory) grown(capacity, elementSize int) int {
	switch {
	case capacity == 0:
		capacity = 1
	case capacity < 256:
		capacity *= 2
	default:
		capacity += (capacity + 3*256) / 4
	}
	m.charge(capacity * elementSize)
	if m.budget < 0 {
		return 0
	}
	return capacity
}

// mapGrowth charges the growth of a map: slots for 8 entries with the first one, and twice as many whenever they are full.
type mapGrowth struct{ slots int }

// add charges another entry to a map that has so many. It reports whether the budget allows it.
func (g *mapGrowth) add(m *memory, entries, elementSize int) bool {
	if entries >= g.slots-g.slots/8 && (g.slots != 8 || entries >= 8) {
		g.slots = max(8, 2*g.slots)
		m.charge(g.slots*(stringHeader+elementSize+1) + mapHeader)
	}
	return m.budget >= 0
}
