package codec

import (
	"encoding/binary"
	"strings"
)

// Sizes of chunks, in bytes. A value that is kept for long keeps its chunk, and what the chunk refers to.
const (
	chunkBytes  = 4 << 10  // of texts
	firstChunk  = 128      // of values of a type; the following chunks double
	plainChunk  = 1 << 10  // the largest one of strings, booleans and numbers
	mostScratch = 16 << 10 // of the list of each type that stays allocated between documents
)

// chunkCells is how many values a chunk has at most that may refer to much.
const chunkCells = 4

// A document may take so much memory to decode: budgetFactor times its size, and budgetBase. What is charged is what is kept and
// what growing leaves behind. That is less than what the documentation promises (24 times the size and 4 MiB): the rest is for copies of
// strings with escapes or invalid UTF-8, and for rounding to size classes.
const (
	budgetFactor = 18
	budgetBase   = 3 << 20
)

// Sizes in memory, in bytes.
const (
	mapHeader       = 48
	stringHeader    = 16
	sliceHeader     = 24
	interfaceHeader = 16
	boxedFloat      = 8
	numberError     = 64 // a strconv.NumError in an error
)

// memory allocates decoded values in chunks: a page of members has hundreds of small ones. It never shares the response's
// buffer, and charges what it allocates to the budget of the document.
type memory struct {
	budget int64 // bytes that may still be allocated
	chunk  strings.Builder
	shared strings.Builder // texts that the document repeats
	// The tables are indexed by the hash of a text. One that is replaced by another is kept again when it is next read.
	recent   [128]string     // in chunk
	repeated [128]string     // in shared
	boxed    [64]interface{} // the same in interfaces
	strings  cells[string]
	bools    cells[bool]
	int32s   cells[int32]
	int64s   cells[int64]
	anys     cells[interface{}]
	others   []forgetter // the cells of other types
}

// forgetter is the cells of a type.
type forgetter interface{ forget() }

// expect prepares for a document.
func (m *memory) expect(size int) {
	m.budget = budgetFactor*int64(size) + budgetBase
	m.strings.sizes.is(stringHeader, plainChunk)
	m.bools.sizes.is(1, plainChunk)
	m.int32s.sizes.is(4, plainChunk)
	m.int64s.sizes.is(8, plainChunk)
	m.anys.sizes.is(interfaceHeader, chunkCells*interfaceHeader)
}

// forget lets go of everything, so that nothing of a document outlives it here.
func (m *memory) forget() {
	m.chunk.Reset()
	m.shared.Reset()
	clear(m.recent[:])
	clear(m.repeated[:])
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

// text returns a copy of b. left is how many bytes of the document follow. Texts that the document repeats are kept once, and in other chunks
// than the rest: otherwise a kept name would keep the texts of several members.
func (m *memory) text(b []byte, left int) string {
	if len(b) > chunkBytes/8 {
		m.charge(len(b))
		return string(b)
	}
	h := hash(b)
	repeated, recent := &m.repeated[h%uint64(len(m.repeated))], &m.recent[h%uint64(len(m.recent))]
	if *repeated == string(b) {
		return *repeated
	}
	if *recent == string(b) {
		*repeated = m.add(&m.shared, b, min(chunkBytes/8, left))
		return *repeated
	}
	*recent = m.add(&m.chunk, b, min(chunkBytes, left/2))
	return *recent
}

// add copies b into a chunk, or a new one of that size if there is no room.
func (m *memory) add(chunk *strings.Builder, b []byte, size int) string {
	if chunk.Cap()-chunk.Len() < len(b) {
		size = max(len(b), size)
		m.charge(size)
		chunk.Reset()
		chunk.Grow(size)
	}
	start := chunk.Len()
	chunk.Write(b)
	return chunk.String()[start:]
}

// boxedText is text in an interface, which takes memory of its own.
func (m *memory) boxedText(b []byte, left int) interface{} {
	h := hash(b)
	boxed := &m.boxed[h%uint64(len(m.boxed))]
	if text, ok := (*boxed).(string); ok && text == string(b) {
		return *boxed
	}
	m.charge(stringHeader)
	text := m.text(b, left)
	if text != m.repeated[h%uint64(len(m.repeated))] {
		return text
	}
	*boxed = text
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

// cells allocates values of one type, single ones and short lists. What does not depend on the type is in sizes: generic code is compiled
// again for each model.
type cells[T any] struct {
	sizes sizes
	free  []T // the rest of the last chunk
	list  []T // scratch for a list of unknown length
}

// sizes are those of cells, in bytes.
type sizes struct {
	size  int // of a value
	most  int // of a large chunk
	chunk int // of the last chunk
}

func (s *sizes) is(size, most int) { s.size, s.most = size, most }

// next returns how many values the next chunk has, at least n, and charges it.
//
//go:noinline
func (s *sizes) next(m *memory, n int) int {
	s.chunk = min(max(2*s.chunk, firstChunk), s.most)
	n = max(n, s.chunk/s.size)
	m.charge(n * s.size)
	return n
}

// grown returns the next capacity of a list that is full, at least what is wanted, and charges it. The list grows as with append. The result
// is 0 if the budget does not allow it.
func (s *sizes) grown(m *memory, capacity, wanted int) int {
	switch {
	case capacity == 0:
		capacity = 1
	case capacity < 256:
		capacity *= 2
	default:
		capacity += (capacity + 3*256) / 4
	}
	capacity = max(capacity, wanted)
	m.charge(capacity * s.size)
	if m.budget < 0 {
		return 0
	}
	return capacity
}

// isLong reports whether a list may be returned as it is, if it is nearly full; and if not, whether a copy of it has memory of its own.
//
//go:noinline
func (s *sizes) isLong(m *memory, n, capacity int) (giveAway, alone bool) {
	bytes := n * s.size
	return bytes > plainChunk && (capacity <= n+n/4 || m.budget < 0), bytes > s.most/2
}

// cellsOf returns the cells of a type.
//
//go:noinline
func cellsOf[T any](m *memory) *cells[T] {
	var c *cells[T]
	if i := m.indexOf(c); i >= 0 {
		return m.others[i].(*cells[T])
	}
	c = new(cells[T])
	m.keepCells(c, &c.sizes, elementSize(&c.list))
	return c
}

// keepCells adds the cells of a type whose values have that size.
//
//go:noinline
func (m *memory) keepCells(c forgetter, s *sizes, size int) {
	size = max(1, size)
	s.is(size, chunkCells*size)
	m.others = append(m.others, c)
}

func (c *cells[T]) forget() {
	c.sizes.chunk, c.free = 0, nil
	if cap(c.list)*c.sizes.size > mostScratch {
		c.list = nil
	}
}

// take returns n zero values.
//
//go:noinline
func take[T any](c *cells[T], m *memory, n int) []T {
	if len(c.free) < n {
		c.free = make([]T, c.sizes.next(m, n))
	}
	taken := c.free[:n:n]
	c.free = c.free[n:]
	return taken
}

// larger returns a copy of list with that capacity.
//
//go:noinline
func larger[T any](list []T, capacity int) []T {
	l := make([]T, len(list), capacity)
	copy(l, list)
	return l
}

// keep returns a list for the caller: a copy of list, which is cleared. If list begins where the scratch memory does, it becomes scratch
// again; or, if it is long and nearly full, it is returned itself, and is no scratch any more.
//
//go:noinline
func keep[T any](c *cells[T], m *memory, list []T, begins bool) []T {
	n := len(list)
	giveAway, alone := c.sizes.isLong(m, n, cap(list))
	if giveAway && begins {
		c.list = nil
		return list
	}
	kept := []T{}
	if alone {
		m.charge(n * c.sizes.size)
		kept = make([]T, n)
	} else if n > 0 {
		kept = take(c, m, n)
	}
	copy(kept, list)
	clear(list)
	if begins {
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
