package codec

import "strings"

const (
	chunkBytes  = 4 << 10 // what a string kept for long may keep with it
	chunkCells  = 64
	sharedBytes = 20 // strings up to here are looked up: roles, link types, keys repeat all the time, ids and addresses do not
	sharedSlots = 128
)

// memory gives out memory for what is decoded, in chunks: a page of members has hundreds of small values. What it gives out
// never shares the response's buffer, and nothing is given out twice.
type memory struct {
	chunk   strings.Builder
	left    int // bytes that the document may still need
	cells   int // how many to get at a time
	strings []string
	bools   []bool
	int32s  []int32
	int64s  []int64
	list    []string // scratch for a list of unknown length
	shared  [sharedSlots]string
}

// expect gets ready for a document: a small one takes small chunks.
func (m *memory) expect(size int) {
	m.left = size
	m.cells = min(chunkCells, 4+size/128)
}

// forget lets go of everything, so that nothing of a document outlives it here.
func (m *memory) forget() {
	m.chunk.Reset()
	m.strings, m.bools, m.int32s, m.int64s = nil, nil, nil, nil
	clear(m.list[:cap(m.list)])
	clear(m.shared[:])
}

// text gives b as a string. Short strings that come again share one copy.
func (m *memory) text(b []byte) string {
	n := len(b)
	if n == 0 {
		return ""
	}
	if n > sharedBytes {
		return m.pack(b)
	}
	slot := &m.shared[(uint(n)*7^uint(b[0])*31^uint(b[n/2])*131^uint(b[n-1])*17)%sharedSlots]
	if *slot != string(b) {
		*slot = m.pack(b)
	}
	return *slot
}

// pack copies b into the chunk.
func (m *memory) pack(b []byte) string {
	if len(b) > chunkBytes/8 {
		return string(b)
	}
	if m.chunk.Cap()-m.chunk.Len() < len(b) {
		m.chunk.Reset()
		m.chunk.Grow(max(len(b), min(chunkBytes, m.left)))
	}
	m.left -= len(b)
	start := m.chunk.Len()
	m.chunk.Write(b)
	return m.chunk.String()[start:]
}

// copyList gives list as a slice of its own.
func (m *memory) copyList(list []string) []string {
	n := len(list)
	if n == 0 {
		return []string{}
	}
	if n > chunkCells/4 {
		return append([]string(nil), list...)
	}
	if len(m.strings) < n {
		m.strings = make([]string, max(n, m.cells))
	}
	out := m.strings[:n:n]
	m.strings = m.strings[n:]
	copy(out, list)
	return out
}
