package codec

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWholeNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "-0": 0, "0.000": 0, "0e999999999999999999999": 0, "123.0": 123, "1.7e12": 1_700_000_000_000, "-1.5E+1": -15, "1200e-2": 12,
		"0.001e3": 1, "9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64, "9.223372036854775807e18": math.MaxInt64,
		"9007199254740993e0": 9007199254740993, "100000000000000000000e-3": 100_000_000_000_000_000,
	} {
		got, ok := wholeNumber([]byte(text))
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"0.5", "1e-1", "1.7e0", "9223372036854775808", "-9223372036854775809", "1e19", "1e999999999999999999999",
		"1e-999999999999999999999", "9.3e18", "123.0000001"} {
		_, ok := wholeNumber([]byte(text))
		require.False(t, ok, text)
	}
}

// FuzzIsNumber compares isNumber with encoding/json.
func FuzzIsNumber(f *testing.F) {
	for _, text := range []string{"0", "-1.5e+3", "01", "1.", ".5", "-", "1e", "true", " 1", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var number json.Number
		want := json.Unmarshal([]byte(text), &number) == nil && text == strings.TrimSpace(text) && !strings.HasPrefix(text, `"`) && text != "null"
		require.Equal(t, want, isNumber([]byte(text)), "%q", text)
	})
}
