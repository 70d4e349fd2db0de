package ldapi

import "time"

// timeOf returns the time of a Unix epoch in milliseconds. It reports false for 0, which the API
// uses for never.
func timeOf(ms int64) (time.Time, bool) {
	if ms == 0 {
		return time.Time{}, false
	}
	return time.UnixMilli(ms).UTC(), true
}

// CreationTime returns CreationDate in UTC, or the zero time if o is nil or has no such date.
func (o *Token) CreationTime() time.Time {
	t, _ := timeOf(o.GetCreationDate())
	return t
}

// LastModifiedTime returns LastModified in UTC, or the zero time if o is nil or has no such date.
func (o *Token) LastModifiedTime() time.Time {
	t, _ := timeOf(o.GetLastModified())
	return t
}

// LastUsedTime returns LastUsed in UTC. It reports false if the token was never used or o is nil.
func (o *Token) LastUsedTime() (time.Time, bool) { return timeOf(o.GetLastUsed()) }

// CreationTime returns CreationDate in UTC, or the zero time if o is nil or has no such date.
func (o *Member) CreationTime() time.Time {
	t, _ := timeOf(o.GetCreationDate())
	return t
}

// LastSeenTime returns LastSeen in UTC. It reports false if the member was never active or o is
// nil.
func (o *Member) LastSeenTime() (time.Time, bool) { return timeOf(o.GetLastSeen()) }
