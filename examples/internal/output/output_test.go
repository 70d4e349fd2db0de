package output_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/examples/internal/output"
)

func TestTable(t *testing.T) {
	var b bytes.Buffer
	table := output.NewTable(&b)
	table.Row("NAME", "TOKENS")
	table.Row("Ada\tLovelace\x1b[31m", "12")
	require.NoError(t, table.Flush())
	assert.Equal(t, "NAME               TOKENS\nAda Lovelace [31m  12\n", b.String())
}

func TestFlushReturnsWriteErrors(t *testing.T) {
	broken := errors.New("the disk is full")
	c := output.NewCSV(failing{broken})
	c.Row("a")
	require.ErrorIs(t, c.Flush(), broken)
	table := output.NewTable(failing{broken})
	table.Row("a")
	require.ErrorIs(t, table.Flush(), broken)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// FuzzRow: no cell is a formula, no control character reaches a terminal, and CSV readers get each text back.
func FuzzRow(f *testing.F) {
	for _, text := range []string{"", "=1+1", "+1", "-1", "@x", "\t=1", "\r\n=1", `"`, "a,b", "größe", "\x00", "\x1b[2J", "\u009b2J", "=cmd|' /C calc'!A0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b bytes.Buffer
		c := output.NewCSV(&b)
		c.Row(text, "end")
		require.NoError(t, c.Flush())
		rows, err := csv.NewReader(iotest.OneByteReader(&b)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1)
		cell := rows[0][0]
		require.False(t, cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n"), "%q", cell)
		want := strings.ReplaceAll(text, "\r\n", "\n") // as encoding/csv reads line ends
		require.Contains(t, []string{want, "'" + want}, cell)

		b.Reset()
		table := output.NewTable(&b)
		table.Row(text, "end")
		require.NoError(t, table.Flush())
		line := strings.TrimSuffix(b.String(), "\n")
		for _, r := range line {
			require.False(t, r < ' ' || r >= 0x7f && r < 0xa0, "%q", line)
		}
		require.True(t, utf8.ValidString(line))
	})
}
