package ldapi

import (
	"net/http"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestPointers(t *testing.T) {
	t.Parallel()
	now := time.Unix(1, 2)
	require.True(t, *PtrBool(true))
	require.Equal(t, 1, *PtrInt(1))
	require.Equal(t, int32(2), *PtrInt32(2))
	require.Equal(t, int64(3), *PtrInt64(3))
	require.Equal(t, float32(4), *PtrFloat32(4))
	require.Equal(t, 5.0, *PtrFloat64(5))
	require.Equal(t, "6", *PtrString("6"))
	require.Equal(t, now, *PtrTime(now))
	require.NotSame(t, PtrInt(1), PtrInt(1))
}

func TestIsNil(t *testing.T) {
	t.Parallel()
	var (
		pointer  *int
		list     []int
		table    map[string]int
		function func()
		channel  chan int
		any      interface{}
	)
	for _, v := range []interface{}{nil, pointer, list, table, function, channel, any, unsafe.Pointer(nil), MappedNullable(nil)} {
		require.True(t, IsNil(v), "%T", v)
	}
	for _, v := range []interface{}{0, "", false, struct{}{}, [0]int{}, []int{}, map[string]int{}, new(int), &pointer, func() {}, make(chan int)} {
		require.False(t, IsNil(v), "%T", v)
	}
}

func TestAPIResponse(t *testing.T) {
	t.Parallel()
	resp := &http.Response{StatusCode: 200}
	require.Same(t, resp, NewAPIResponse(resp).Response)
	require.Equal(t, "m", NewAPIResponseWithError("m").Message)
	require.Nil(t, NewAPIResponseWithError("m").Response)
}

// TestToMap: every model returns the properties that it writes.
func TestToMap(t *testing.T) {
	t.Parallel()
	var m MappedNullable = &Link{Href: PtrString("/x"), AdditionalProperties: map[string]interface{}{"y": 1}}
	got, err := m.ToMap()
	require.NoError(t, err)
	require.Equal(t, map[string]interface{}{"href": PtrString("/x"), "y": 1}, got)
}
