package ldapi

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRetryPolicyDefaults(t *testing.T) {
	t.Parallel()
	want := RetryPolicy{MaxAttempts: 4, MinWait: 500 * time.Millisecond, MaxWait: 30 * time.Second}
	require.Equal(t, want, DefaultRetry())
	require.Equal(t, RetryPolicy{MaxAttempts: 1}, NoRetry())
	for _, tc := range []struct{ given, want RetryPolicy }{
		{RetryPolicy{}, want},
		{RetryPolicy{MaxAttempts: 9}, RetryPolicy{MaxAttempts: 9, MinWait: want.MinWait, MaxWait: want.MaxWait}},
		{RetryPolicy{MinWait: time.Second}, RetryPolicy{MaxAttempts: 4, MinWait: time.Second, MaxWait: want.MaxWait}},
		{RetryPolicy{MaxWait: time.Hour}, RetryPolicy{MaxAttempts: 4, MinWait: want.MinWait, MaxWait: time.Hour}},
		{RetryPolicy{Unsafe: true}, RetryPolicy{MaxAttempts: 4, MinWait: want.MinWait, MaxWait: want.MaxWait, Unsafe: true}},
		{NoRetry(), RetryPolicy{MaxAttempts: 1, MinWait: want.MinWait, MaxWait: want.MaxWait}},
		{DefaultRetry(), want},
	} {
		require.Equal(t, tc.want, newFakeCall(t, WithRetry(tc.given)).retryPolicy())
	}
}

// TestRetryPolicyRank: the innermost context, else the option, else whether the client is the caller's.
func TestRetryPolicyRank(t *testing.T) {
	t.Parallel()
	own, transport := WithHTTPClient(&http.Client{}), WithTransport(fakeTransport(untilEnd))
	option := WithRetry(RetryPolicy{MaxAttempts: 5})
	plain := t.Context()
	outer := ContextWithRetry(plain, RetryPolicy{MaxAttempts: 6})
	inner := ContextWithRetry(outer, RetryPolicy{MaxAttempts: 7})
	off := ContextWithRetry(outer, NoRetry())
	for _, tc := range []struct {
		name string
		ctx  context.Context
		opts []Option
		want int
	}{
		{"ours", plain, nil, 4},
		{"a transport is ours", plain, []Option{transport}, 4},
		{"the caller's", plain, []Option{own}, 1},
		{"the caller's, then a transport", plain, []Option{own, transport}, 4},
		{"a transport, then the caller's", plain, []Option{transport, own}, 1},
		{"option", plain, []Option{option}, 5},
		{"option, the caller's", plain, []Option{own, option}, 5},
		{"the last option", plain, []Option{option, WithRetry(NoRetry())}, 1},
		{"context", outer, nil, 6},
		{"context, option", outer, []Option{option}, 6},
		{"context, the caller's", outer, []Option{own}, 6},
		{"inner context", inner, []Option{option}, 7},
		{"switched off by the context", off, []Option{option}, 1},
	} {
		c := New(tc.opts...).newCall(tc.ctx, &getTokenOperation)
		require.Equal(t, tc.want, c.retryPolicy().MaxAttempts, tc.name)
	}
}

// TestRetryPolicyOfAnAssignedClient: the value of cfg.HTTPClient at the time of the call counts.
func TestRetryPolicyOfAnAssignedClient(t *testing.T) {
	t.Parallel()
	client := New()
	policy := func() int {
		return client.newCall(t.Context(), &getTokenOperation).retryPolicy().MaxAttempts
	}
	require.Equal(t, 4, policy())
	filled := client.GetConfig().HTTPClient
	client.GetConfig().HTTPClient = &http.Client{}
	require.Equal(t, 1, policy())
	client.GetConfig().HTTPClient = filled
	require.Equal(t, 4, policy(), "it still has the transport of the test")
	client.GetConfig().HTTPClient = nil
	require.Equal(t, 4, policy())
	cfg := NewConfiguration()
	cfg.HTTPClient = http.DefaultClient
	require.Equal(t, 1, NewAPIClient(cfg).newCall(t.Context(), &getTokenOperation).retryPolicy().MaxAttempts, "the caller put it in")
}

// TestRetryPolicyContextOfNil: nil means context.Background.
func TestRetryPolicyContextOfNil(t *testing.T) {
	t.Parallel()
	var none context.Context
	c := New().newCall(ContextWithRetry(none, RetryPolicy{MaxAttempts: 2}), &getTokenOperation)
	require.Equal(t, 2, c.retryPolicy().MaxAttempts)
}

// TestNegativeRetryPolicy: an error that names the option or function, and nothing is sent.
func TestNegativeRetryPolicy(t *testing.T) {
	t.Parallel()
	unsent := WithTransport(fakeTransport(func(*http.Request) (*http.Response, error) {
		t.Error("sent")
		return nil, context.Canceled
	}))
	for _, p := range []RetryPolicy{{MaxAttempts: -1}, {MinWait: -1}, {MaxWait: -time.Second}} {
		_, _, err := New(unsent, WithRetry(p)).AccessTokensApi.GetTokens(t.Context()).Execute()
		require.Equal(t, &ArgumentError{Operation: "getTokens", Parameter: "WithRetry", Reason: "must not hold negative values"}, requireArgumentError(t, err))
		_, _, err = New(unsent).AccessTokensApi.GetTokens(ContextWithRetry(t.Context(), p)).Execute()
		require.Equal(t, "ContextWithRetry", requireArgumentError(t, err).Parameter)
		require.NoError(t, contextWins(t, p))
	}
	_, _, err := New(unsent, WithMaxConcurrency(-1)).AccessTokensApi.GetTokens(t.Context()).Execute()
	require.Equal(t, "WithMaxConcurrency", requireArgumentError(t, err).Parameter)
}

// contextWins makes a call whose context outranks the policy p of its client.
func contextWins(t *testing.T, p RetryPolicy) error {
	client := New(WithTransport(answering(200, "{}")), WithRetry(p))
	_, _, err := client.AccessTokensApi.GetTokens(ContextWithRetry(t.Context(), NoRetry())).Execute()
	return err
}
