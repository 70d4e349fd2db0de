package ldapi

import (
	"context"
	"sync/atomic"
	"time"
)

// ExpiryTime is like Expiry but takes a [time.Time]. The old secret keeps working until t.
func (r ApiResetTokenRequest) ExpiryTime(t time.Time) ApiResetTokenRequest {
	return r.Expiry(t.UnixMilli())
}

// RotateToken replaces the secret of a token. The old secret keeps working for grace, counted from
// now by this machine's clock, or stops at once if grace is 0. If grace is negative, RotateToken
// returns an [ArgumentError]. It calls ResetToken of [AccessTokensApi].
//
// The returned token holds the new secret, which cannot be read again. It may be returned along
// with an error: [Token.HasFullSecret] reports whether the secret arrived. An error that matches [ErrOutcomeUnknown] means that the secret may have been
// replaced and the new one be lost.
func (c *APIClient) RotateToken(ctx context.Context, id string, grace time.Duration) (*Token, error) {
	if grace < 0 {
		return nil, &ArgumentError{Operation: "resetToken", Parameter: "grace", Reason: "must not be negative"}
	}
	request := c.AccessTokensApi.ResetToken(ctx, id)
	if grace > 0 {
		request = request.ExpiryTime(time.Now().Add(grace))
	}
	token, _, err := request.Execute()
	return token, err
}

// shownOfSecret is how many characters of a secret the API shows, except when it creates or resets
// the token.
const shownOfSecret = 4

// HasFullSecret reports whether Token is the full secret, as in the response that creates or resets
// the token, and not just its last four characters, as in all others. It is false if o is nil.
func (o *Token) HasFullSecret() bool { return len(o.GetToken()) > shownOfSecret }

// SwappableToken is an access token that can be swapped while clients use it. Its method Token is a
// [TokenSource]. Clients use the new token from their next attempt, also within a call. A
// SwappableToken is safe for concurrent use.
type SwappableToken struct{ current atomic.Pointer[secret] }

// NewSwappableToken returns a [SwappableToken] that holds token.
func NewSwappableToken(token string) *SwappableToken {
	s := new(SwappableToken)
	s.Swap(token)
	return s
}

// Swap replaces the token.
func (s *SwappableToken) Swap(token string) { s.current.Store(newSecret(token)) }

// Token returns the current token. The zero SwappableToken returns an empty token, which makes
// calls fail.
func (s *SwappableToken) Token(context.Context) (string, error) {
	if t := s.current.Load(); t != nil {
		return t.text(), nil
	}
	return "", nil
}
