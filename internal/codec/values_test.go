package codec

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// decodeNumber reads the number under "n".
func decodeNumber(document string) (float64, error) {
	n := map[string]float64{"n": -1} // replaced whatever the document contains
	err := Decode(&n, func(d *Decoder) bool { return DecodeMap(&n, d, DecodeFloat64) }, []byte(document), false)
	return n["n"], err
}

func TestDecodeFloat64(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0", "-0.5", "1e3", "1E-3", "12345678901234567890", "1.7976931348623157e308", "5e-324"} {
		var want float64
		require.NoError(t, json.Unmarshal([]byte(text), &want))
		got, err := decodeNumber(`{"n":` + text + `}`)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	got, err := decodeNumber(`{"n":null}`)
	require.NoError(t, err)
	require.Zero(t, got)
	for text, reason := range map[string]string{
		`{"n":"1"}`: "want number, got string", `{"n":[1]}`: "want number, got array", `{"n":1e999}`: "got another number",
		`{"n":01}`: "no JSON", `{"n":+1}`: "no JSON", `{"n":-}`: "no JSON", `{"n":1`: "ends early",
	} {
		_, err := decodeNumber(text)
		require.ErrorContains(t, err, reason, text)
		require.ErrorIs(t, err, Err, text)
	}
}

func TestEncodeFloat64(t *testing.T) {
	t.Parallel()
	for _, n := range []float64{0, -0.5, 1e21, 1e-7, math.MaxFloat64} {
		want, err := json.Marshal(n)
		require.NoError(t, err)
		got, err := Encode(func(e *Encoder) { EncodeFloat64(&n, e) })
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
	for _, n := range []float64{math.NaN(), math.Inf(1)} {
		_, err := Encode(func(e *Encoder) { EncodeFloat64(&n, e) })
		require.Error(t, err)
	}
}

// TestListsThatBreakOff: text that ends or breaks within a list is invalid JSON, at any position.
func TestListsThatBreakOff(t *testing.T) {
	t.Parallel()
	readers := map[string]func([]byte) error{
		"strings": func(document []byte) error {
			var v map[string][]string
			return Decode(&v, func(d *Decoder) bool { return DecodeMap(&v, d, DecodeStrings) }, document, false)
		},
		"slice": func(document []byte) error {
			var v map[string][]int64
			return Decode(&v, func(d *Decoder) bool {
				return DecodeMap(&v, d, func(s *[]int64, d *Decoder) bool { return DecodeSlice(s, d, DecodeInt64) })
			}, document, false)
		},
	}
	for name, read := range readers {
		for _, document := range []string{`{"a":[`, `{"a":[}`, `{"a":[null`, `{"a":[null,`, `{"a":[null,]}`, `{"a":[null}`, `{"a":[null null]}`, `{"a":[,]}`} {
			err := read([]byte(document))
			require.ErrorIs(t, err, Err, "%s of %s", name, document)
			require.True(t, strings.Contains(err.Error(), "no JSON") || strings.Contains(err.Error(), "ends early"), "%s of %s: %v", name, document, err)
		}
		require.NoError(t, read([]byte(`{"a":[null,null]}`)), name)
	}
}

// TestListsOfStringsAreTheirOwn: short lists share a chunk of memory and long ones do not; neither is overwritten by the next
// list, nor by who appends to one.
func TestListsOfStringsAreTheirOwn(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, 2, 3, 4, 5, 31, 32, 33, 64, 65, 192} {
		want := slices.Repeat([]string{"a", "b"}, length/2+1)[:length]
		text, err := json.Marshal(map[string][]string{"first": want, "second": want})
		require.NoError(t, err)
		var got map[string][]string
		read := func(d *Decoder) bool { return DecodeMap(&got, d, DecodeStrings) }
		require.NoError(t, Decode(&got, read, text, false))
		_ = append(got["first"], "c")
		_ = append(got["second"], "c")
		require.Equal(t, map[string][]string{"first": want, "second": want}, got, length)
	}
}

// TestRoomForAPage: the list that makes up a document moves once, after its first item; other lists have no more room than they need.
func TestRoomForAPage(t *testing.T) {
	t.Parallel()
	type item struct {
		name string
		_    [200]byte
	}
	var second *item
	read := func(v *item, d *Decoder) bool {
		ok := DecodeString(&v.name, d)
		if strings.HasPrefix(v.name, "second") {
			second = v
		}
		return ok
	}
	list := func(n int) string {
		long := strings.Repeat("x", 600)
		return `["` + long + `","second` + long[6:] + `"` + strings.Repeat(`,"`+long+`"`, n-2) + "]"
	}
	var pages [][]item
	decode := func(document string) {
		second, pages = nil, nil
		require.NoError(t, Decode(new(int), func(d *Decoder) bool {
			o := d.Object(nil)
			for o.Next() {
				var page []item
				DecodeSlice(&page, d, read)
				pages = append(pages, page)
			}
			return o.Found
		}, []byte(document), false))
	}
	decode(`{"items":` + list(100) + `}`)
	require.Len(t, pages[0], 100)
	require.True(t, second == &pages[0][1], "the list moved after its second item")
	require.LessOrEqual(t, cap(pages[0]), 102)
	decode(`{"items":` + list(100) + `,"again":["x"]}`)
	require.Equal(t, 1, cap(pages[1]))
}
