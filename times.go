package ldapi

import "time"

// timeOf gives the time of a Unix epoch in milliseconds, and whether there is one: the API says 0 for never.
func timeOf(ms int64) (time.Time, bool) {
	if ms == 0 {
		return time.Time{}, false
	}
	return time.UnixMilli(ms).UTC(), true
}

// CreationTime returns CreationDate as a time in UTC; the zero time when o is nil or does not say.
func (o *Token) CreationTime() time.Time {
	t, _ := timeOf(o.GetCreationDate())
	return t
}

// LastModifiedTime returns LastModified as a time in UTC; the zero time when o is nil or does not say.
func (o *Token) LastModifiedTime() time.Time {
	t, _ := timeOf(o.GetLastModified())
	return t
}

// LastUsedTime returns LastUsed as a time in UTC; false when the token was never used, or o is nil.
func (o *Token) LastUsedTime() (time.Time, bool) { return timeOf(o.GetLastUsed()) }

// CreationTime returns CreationDate as a time in UTC; the zero time when o is nil or does not say.
func (o *Member) CreationTime() time.Time {
	t, _ := timeOf(o.GetCreationDate())
	return t
}

// LastSeenTime returns LastSeen as a time in UTC; false when the member was never active, or o is nil.
func (o *Member) LastSeenTime() (time.Time, bool) { return timeOf(o.GetLastSeen()) }
