package everyday_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ldapi-go/ldapi"
)

func TestTimes(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 1, 1, 0, 0, 0, 123e6, time.UTC)
	ms := want.UnixMilli()
	token := &ldapi.Token{CreationDate: ms, LastModified: ms + 1000, LastUsed: &ms}
	assert.Equal(t, want, token.CreationTime(), "in UTC, to the millisecond")
	assert.Equal(t, want.Add(time.Second), token.LastModifiedTime())
	used, ok := token.LastUsedTime()
	assert.True(t, ok)
	assert.Equal(t, want, used)

	member := &ldapi.Member{CreationDate: ms, LastSeen: ms}
	assert.Equal(t, want, member.CreationTime())
	seen, ok := member.LastSeenTime()
	assert.True(t, ok)
	assert.Equal(t, want, seen)
}

// 0 means never, not 1970; an absent time is reported as absent.
func TestTimesThatAreNot(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]*ldapi.Token{"nil": nil, "nothing": {}, "never": {LastUsed: ldapi.PtrInt64(0)}} {
		assert.True(t, token.CreationTime().IsZero(), name)
		assert.True(t, token.LastModifiedTime().IsZero(), name)
		used, ok := token.LastUsedTime()
		assert.False(t, ok, name)
		assert.True(t, used.IsZero(), name)
	}
	for name, member := range map[string]*ldapi.Member{"nil": nil, "nothing": {}} {
		assert.True(t, member.CreationTime().IsZero(), name)
		seen, ok := member.LastSeenTime()
		assert.False(t, ok, name)
		assert.True(t, seen.IsZero(), name)
	}
}
