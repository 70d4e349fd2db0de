// Package output writes tables and CSV files of what people have typed into an account: names, addresses and comments, which may
// hold what a terminal or a spreadsheet would carry out.
package output

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A Table writes rows in aligned columns, for a terminal. Write errors are returned by Flush.
type Table struct{ w *tabwriter.Writer }

// NewTable returns a Table that writes to w.
func NewTable(w io.Writer) Table { return Table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)} }

// Row writes a row. The control characters of its cells become spaces.
func (t Table) Row(cells ...string) {
	text := make([]string, len(cells))
	for i, cell := range cells {
		text[i] = Plain(cell)
	}
	fmt.Fprintln(t.w, strings.Join(text, "\t"))
}

// Flush writes what is left.
func (t Table) Flush() error { return t.w.Flush() }

// Plain replaces the control characters of a text by spaces, so that it can be printed to a terminal.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}

// CSV writes rows as comma-separated values. Write errors are returned by Flush.
type CSV struct{ w *csv.Writer }

// NewCSV returns a CSV that writes to w.
func NewCSV(w io.Writer) CSV { return CSV{csv.NewWriter(w)} }

// Row writes a row. A cell that a spreadsheet would take for a formula gets an apostrophe in front, which spreadsheets hide.
func (c CSV) Row(cells ...string) {
	safe := make([]string, len(cells))
	for i, cell := range cells {
		if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
			cell = "'" + cell
		}
		safe[i] = cell
	}
	_ = c.w.Write(safe) // Flush returns the error
}

// Flush writes what is left.
func (c CSV) Flush() error {
	c.w.Flush()
	return c.w.Error()
}
