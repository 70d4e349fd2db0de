package ldapi

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// checkNullable goes through the states of a Nullable: absent, null, there.
func checkNullable[T any](t *testing.T, makeOne func(*T) *Nullable[*T], value T, text string) {
	t.Helper()
	var v Nullable[*T]
	require.False(t, v.IsSet())
	require.Nil(t, v.Get())

	v.Set(nil)
	require.True(t, v.IsSet(), "null")
	require.Nil(t, v.Get())
	out, err := json.Marshal(v)
	require.NoError(t, err)
	require.Equal(t, "null", string(out))

	v.Set(&value)
	require.Same(t, &value, v.Get())
	v.Unset()
	require.False(t, v.IsSet())
	require.Nil(t, v.Get())

	made := makeOne(&value)
	require.True(t, made.IsSet())
	require.True(t, makeOne(nil).IsSet())
	out, err = json.Marshal(made)
	require.NoError(t, err)
	require.Equal(t, text, string(out))

	var read Nullable[*T]
	require.NoError(t, json.Unmarshal(out, &read))
	require.Equal(t, *made, read)
	require.NoError(t, json.Unmarshal([]byte("null"), &read))
	require.True(t, read.IsSet())
	require.Nil(t, read.Get())
	require.Error(t, json.Unmarshal([]byte("{]"), &read))
}

func TestNullable(t *testing.T) {
	t.Parallel()
	checkNullable(t, NewNullableBool, true, "true")
	checkNullable(t, NewNullableInt, -1, "-1")
	checkNullable(t, NewNullableInt32, int32(1<<30), "1073741824")
	checkNullable(t, NewNullableInt64, int64(1)<<60, "1152921504606846976")
	checkNullable(t, NewNullableFloat32, float32(0.5), "0.5")
	checkNullable(t, NewNullableFloat64, 0.25, "0.25")
	checkNullable(t, NewNullableString, "x", `"x"`)
	checkNullable(t, NewNullableTime, time.Unix(0, 0).UTC(), `"1970-01-01T00:00:00Z"`)
	checkNullable(t, NewNullable[int64], 7, "7")
	checkNullable(t, NewNullableLink, Link{Href: PtrString("/x")}, `{"href":"/x"}`)
}

// TestNullableInAStruct: absent fields are distinguishable from null ones.
func TestNullableInAStruct(t *testing.T) {
	t.Parallel()
	var v struct{ A, B, C NullableString }
	require.NoError(t, json.Unmarshal([]byte(`{"A":"x","B":null}`), &v))
	require.Equal(t, "x", *v.A.Get())
	require.True(t, v.B.IsSet())
	require.Nil(t, v.B.Get())
	require.False(t, v.C.IsSet())
}
