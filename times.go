package ldapi

import "time"

// timeOf returns the time of a Unix epoch in milliseconds, or the zero time for 0, which the API
// uses for never.
func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// CreationTime returns CreationDate in UTC, or the zero time if o is nil or has no such date.
func (o *Token) CreationTime() time.Time { return timeOf(o.GetCreationDate()) }

// LastModifiedTime returns LastModified in UTC, or the zero time if o is nil or has no such date.
func (o *Token) LastModifiedTime() time.Time { return timeOf(o.GetLastModified()) }

// LastUsedTime returns LastUsed in UTC. It reports false if the token was never used or o is nil.
func (o *Token) LastUsedTime() (time.Time, bool) {
	return timeOf(o.GetLastUsed()), o.GetLastUsed() != 0
}

// CreationTime returns CreationDate in UTC, or the zero time if o is nil or has no such date.
func (o *Member) CreationTime() time.Time { return timeOf(o.GetCreationDate()) }

// LastSeenTime returns LastSeen in UTC. It reports false if the member was never active or o is
// nil.
func (o *Member) LastSeenTime() (time.Time, bool) {
	return timeOf(o.GetLastSeen()), o.GetLastSeen() != 0
}
