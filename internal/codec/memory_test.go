package codec

import (
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestChunksAreBounded: a string that is kept keeps no more than its chunk, of 4 KiB at most.
func TestChunksAreBounded(t *testing.T) {
	t.Parallel()
	m := new(memory)
	m.expect(1 << 20)
	ends := map[*byte]bool{}
	for i := range 10_000 {
		text := "member" + strconv.Itoa(i) + "@example.com"
		require.Equal(t, text, m.text([]byte(text), 1<<20))
		require.LessOrEqual(t, m.chunk.Cap(), 4<<10)
		ends[unsafe.StringData(m.chunk.String())] = true
	}
	require.Greater(t, len(ends), 40, "chunks follow one another")
	require.Less(t, len(ends), 100, "and are filled")
	before := m.chunk.Len()
	long := strings.Repeat("y", 1000)
	require.Equal(t, long, m.text([]byte(long), 1<<20))
	require.Equal(t, before, m.chunk.Len(), "a long string is on its own: it keeps nothing else")
}
