package wire

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsToken(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]bool{
		"": false, "GET": true, "X-Y_z.1~": true, "!#$%&'*+-.^_`|~": true, "a b": false, "a:b": false, "ü": false, "a\n": false, "(": false,
	} {
		require.Equal(t, want, IsToken(v), "%q", v)
	}
	for i := range 256 {
		value := string([]byte{byte(i)})
		require.Equal(t, i == '\t' || i >= ' ' && i != 0x7f, IsHeaderValue(value), "%q", value)
	}
}
