package ldapi

import (
	"context"
	"sync/atomic"
	"time"
)

// ExpiryTime is Expiry for a time: until then the old secret goes on working.
func (r ApiResetTokenRequest) ExpiryTime(t time.Time) ApiResetTokenRequest {
	return r.Expiry(t.UnixMilli())
}

// RotateToken gives a token a new secret. The old one goes on working for grace, counted from now by the clock of this
// machine; with 0 it stops at once. The returned token holds the new secret: nobody can read it again, so look for it beside
// an error, too. It calls ResetToken of the service AccessTokensApi. A negative grace is an *ArgumentError;
// ErrOutcomeUnknown says that the secret may have been replaced although nobody saw the new one.
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

// SwappableToken is an access token that can be swapped while clients use it: its method Token is a TokenSource. Clients
// go on with the new one from their next attempt on, also within a call. It is safe for use by many goroutines.
type SwappableToken struct{ current atomic.Pointer[secret] }

// NewSwappableToken returns a SwappableToken that gives token.
func NewSwappableToken(token string) *SwappableToken {
	s := new(SwappableToken)
	s.Swap(token)
	return s
}

// Swap has s give token from now on.
func (s *SwappableToken) Swap(token string) { s.current.Store(newSecret(token)) }

// Token returns the token of the moment. The zero SwappableToken gives an empty one, which calls refuse.
func (s *SwappableToken) Token(context.Context) (string, error) {
	if t := s.current.Load(); t != nil {
		return t.text(), nil
	}
	return "", nil
}
