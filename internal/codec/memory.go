package codec

import (
	"encoding/binary"
	"strings"
)

const (
	chunkBytes  = 4 << 10 // what a string kept for long may keep with it
	firstChunk  = 128     // of the cells of a type, in bytes; the following ones double
	lastChunk   = 1 << 10
	mostScratch = 16 << 10 // bytes of a list that stay allocated between documents
)

// A document may take so much memory to decode: budgetFactor times its size, and budgetBase. What is charged is what is kept and
// what growing leaves behind; that is less than what the documentation promises (24 times the size and 4 MiB), because strings with
// escapes are not charged twice.
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
	recent  [128]string // strings of the document by their hash: a page repeats many
	boxed   [32]interface{}
	strings cells[string]
	bools   cells[bool]
	int32s  cells[int32]
	int64s  cells[int64]
	anys    cells[interface{}]
	others  []interface{ forget() } // the cells of other types
}

// expect prepares for a document.
func (m *memory) expect(size int) {
	m.budget = budgetFactor*int64(size) + budgetBase
	m.strings.size, m.bools.size, m.int32s.size, m.int64s.size, m.anys.size = stringHeader, 1, 4, 8, stringHeader
}

// forget lets go of everything, so that nothing of a document outlives it here.
func (m *memory) forget() {
	m.chunk.Reset()
	clear(m.recent[:])
	clear(m.boxed[:])
	m.strings.forget()
	m.bools.forget()
	m.int32s.forget()
	m.int64s.forget()
	m.anys.forget()
	for _, c := range m.others {
		c.forget()
	}
}

// text copies b, after which so much of the document is left, into the chunk, unless the document repeats it.
func (m *memory) text(b []byte, left int) string {
	if len(b) > chunkBytes/8 {
		m.charge(len(b))
		return string(b)
	}
	recent := &m.recent[hash(b)%uint64(len(m.recent))]
	if *recent == string(b) {
		return *recent
	}
	if m.chunk.Cap()-m.chunk.Len() < len(b) {
		size := max(len(b), min(chunkBytes, left/2))
		m.charge(size)
		m.chunk.Reset()
		m.chunk.Grow(size)
	}
	start := m.chunk.Len()
	m.chunk.Write(b)
	*recent = m.chunk.String()[start:]
	return *recent
}

// boxedText is text in an interface, which takes memory of its own.
func (m *memory) boxedText(b []byte, left int) interface{} {
	boxed := &m.boxed[hash(b)%uint64(len(m.boxed))]
	if text, ok := (*boxed).(string); ok && text == string(b) {
		return *boxed
	}
	m.charge(stringHeader)
	*boxed = m.text(b, left)
	return *boxed
}

// hash mixes the length of b, its first and its last bytes.
func hash(b []byte) uint64 {
	h := uint64(len(b))
	if len(b) >= 8 {
		h = (h ^ binary.LittleEndian.Uint64(b)) * 0x9e3779b97f4a7c15
		h ^= h>>32 ^ binary.LittleEndian.Uint64(b[len(b)-8:])
	} else {
		for _, c := range b {
			h = h<<8 ^ h>>48 ^ uint64(c)
		}
	}
	return h * 0x9e3779b97f4a7c15 >> 48
}

// charge takes n bytes from the budget. The decoder checks the rest before it allocates anything whose size the document
// chooses.
func (m *memory) charge(n int) { m.budget -= int64(n) }

// cells allocates values of one type, single ones and short lists.
type cells[T any] struct {
	size  int // of a T, in bytes
	chunk int // the size of the last chunk, in bytes
	free  []T // the rest of it
	list  []T // scratch for a list of unknown length
}

// cellsOf returns the cells of a type.
func cellsOf[T any](m *memory) *cells[T] {
	for _, c := range m.others {
		if c, ok := c.(*cells[T]); ok {
			return c
		}
	}
	c := &cells[T]{size: elementSize(new([]T))}
	m.others = append(m.others, c)
	return c
}

func (c *cells[T]) forget() {
	c.chunk, c.free = 0, nil
	if cap(c.list)*c.size > mostScratch {
		c.list = nil
	}
}

// take returns n zero values.
func (c *cells[T]) take(m *memory, n int) []T {
	if len(c.free) < n {
		c.chunk = min(max(2*c.chunk, firstChunk), lastChunk)
		room := max(n, c.chunk/c.size)
		m.charge(room * c.size)
		c.free = make([]T, room)
	}
	taken := c.free[:n:n]
	c.free = c.free[n:]
	return taken
}

// roomy returns list with room for at least one more element, or for as many as are wanted in all. It is unchanged if the budget does
// not allow more.
func (c *cells[T]) roomy(m *memory, list []T, wanted int) []T {
	room := cap(list)
	switch {
	case len(list) < room:
		return list
	case room == 0:
		room = 1
	case room < 256:
		room *= 2
	default:
		room += (room + 3*256) / 4
	}
	room = max(room, wanted)
	m.charge(room * c.size)
	if m.budget < 0 {
		return list
	}
	larger := make([]T, len(list), room)
	copy(larger, list)
	return larger
}

// keep returns a copy of list, which becomes scratch again; or, if it is long and may be given away, list itself.
func (c *cells[T]) keep(m *memory, list []T, own bool) []T {
	n := len(list)
	var kept []T
	switch long := n*c.size > lastChunk/4; {
	case long && own && (cap(list) <= n+n/4 || m.budget < 0):
		c.list = nil
		return list
	case n == 0:
		kept = []T{}
	case long:
		m.charge(n * c.size)
		kept = make([]T, n)
	default:
		kept = c.take(m, n)
	}
	copy(kept, list)
	clear(list)
	if own {
		c.list = list[:0]
	}
	return kept
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
