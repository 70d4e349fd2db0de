package ldapi

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// statusError returns the error of a response.
func statusError(t *testing.T, status int, body string) *GenericOpenAPIError {
	t.Helper()
	c := newFakeCall(t)
	c.attempts = 1
	return requireAPIError(t, c.statusError(newBufferedResponse(status, body)))
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status     int
		body, want string
	}{
		{404, ``, "404 Not Found"},
		{404, `{"code":"not_found","message":"Invalid resource identifier"}`, "404 Not Found: Invalid resource identifier (not_found)"},
		{400, `{"message":"only a message"}`, "400 Bad Request: only a message"},
		{400, `{"code":"invalid_request"}`, "400 Bad Request: invalid_request"},
		{400, `{"code":5,"message":["x"]}`, "400 Bad Request: the body of 26 bytes has neither message nor code"},
		{400, `{"code":5,"message":"kept"}`, "400 Bad Request: kept"},
		{400, `{"message":"cut off","co`, "400 Bad Request: cut off"},
		{401, `null`, "401 Unauthorized: the body of 4 bytes has neither message nor code"},
		{403, `["x"]`, "403 Forbidden: the body of 5 bytes has neither message nor code"},
		{502, `<html><h1>Bad gateway</h1></html>`, "502 Bad Gateway: the body of 33 bytes has neither message nor code"},
		{503, "Service unavailable", "503 Service Unavailable: the body of 19 bytes has neither message nor code"},
		{409, `{"message":"two\nlines\u0007"}`, "409 Conflict: two lines "},
		{499, `{}`, "499: the body of 2 bytes has neither message nor code"},
	} {
		err := statusError(t, tc.status, tc.body)
		require.EqualError(t, err, tc.want, tc.body)
		require.Equal(t, tc.body, string(err.Body()))
		require.Equal(t, tc.status, err.StatusCode())
		require.Equal(t, tc.want, (*err).Error(), "by value too")
	}
}

// TestErrorTextIsShort: error texts are bounded for any response.
func TestErrorTextIsShort(t *testing.T) {
	t.Parallel()
	for _, filling := range []string{"x", "é", "😀"} {
		for _, room := range []int{998, 999, 1000, 1001, 4000} {
			message := strings.Repeat(filling, room/len(filling)+1)
			text := statusError(t, 400, `{"message":"`+message+`"}`).Error()
			require.LessOrEqual(t, len(text), len("400 Bad Request: ")+1000+len("…"))
			require.True(t, utf8.ValidString(text))
		}
	}
	resp := newBufferedResponse(500, "")
	resp.Status = "500 " + strings.Repeat("x", 1<<20)
	require.Less(t, len(newFakeCall(t).statusError(resp).Error()), 1100)
}

// TestErrorModels: the model of the status, with the properties that the body has.
func TestErrorModels(t *testing.T) {
	t.Parallel()
	const body = `{"code":"c","message":"m","more":1}`
	more := map[string]interface{}{"more": 1.0}
	for status, want := range map[int]interface{}{
		400: InvalidRequestErrorRep{Code: "c", Message: "m", AdditionalProperties: more},
		401: UnauthorizedErrorRep{Code: "c", Message: "m", AdditionalProperties: more},
		403: ForbiddenErrorRep{Code: "c", Message: "m", AdditionalProperties: more},
		404: NotFoundErrorRep{Code: "c", Message: "m", AdditionalProperties: more},
		409: StatusConflictErrorRep{Code: "c", Message: "m", AdditionalProperties: more},
		422: PatchFailedErrorRep{Code: "c", Message: "m", AdditionalProperties: more},
		429: RateLimitedErrorRep{Code: "c", Message: "m", AdditionalProperties: more},
		418: nil, 500: nil, 302: nil,
	} {
		require.Equal(t, want, statusError(t, status, body).Model(), status)
		require.Equal(t, "c", statusError(t, status, body).Code(), status)
	}
	require.Equal(t, NotFoundErrorRep{Message: "m"}, statusError(t, 404, `{"message":"m","code":[]}`).Model(), "what fits")
	for _, body := range []string{"", "null", "[]", "<html>", `{"code":7}`} {
		require.Nil(t, statusError(t, 404, body).Model(), body)
	}
	require.Equal(t, NotFoundErrorRep{}, statusError(t, 404, "{}").Model())
}

// TestErrorsIs: by status or by code; invite conflicts in both spellings.
func TestErrorsIs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status int
		code   string
		is     []error
	}{
		{400, "invalid_request", []error{ErrInvalidRequest}},
		{400, "email_already_exists_in_account", []error{ErrInvalidRequest, ErrEmailAlreadyInAccount}},
		{400, "email_taken_in_different_account", []error{ErrInvalidRequest, ErrEmailInOtherAccount}},
		{400, "duplicate_emails", []error{ErrInvalidRequest, ErrDuplicateEmails}},
		{400, "duplicate_email", []error{ErrInvalidRequest, ErrDuplicateEmails}},
		{400, "seat_limit_reached", []error{ErrInvalidRequest, ErrSeatLimit}},
		{403, "invite_limit_reached", []error{ErrForbidden, ErrInviteLimit}},
		{400, "not_found", []error{ErrInvalidRequest, ErrNotFound}},
		{418, "optimistic_locking_error", []error{ErrConflict}},
		{418, "unauthorized", []error{ErrUnauthorized}},
		{418, "forbidden", []error{ErrForbidden}},
		{418, "patch_failed", []error{ErrPatchFailed}},
		{418, "rate_limited", []error{ErrRateLimited}},
		{503, "", []error{ErrServer}},
		{418, "other", nil},
	} {
		err := fmt.Errorf("wrapped: %w", statusError(t, tc.status, `{"code":"`+tc.code+`"}`))
		for _, sentinel := range sentinels {
			want := false
			for _, is := range tc.is {
				want = want || is == sentinel
			}
			require.Equal(t, want, errors.Is(err, sentinel), "%d %s is %v", tc.status, tc.code, sentinel)
		}
	}
}

func TestErrorDetails(t *testing.T) {
	t.Parallel()
	err := statusError(t, 400, `{"id":"3f0c7b1e","code":"duplicate_emails","message":"m","invalid_emails":["A@example.com","b@example.com"]}`)
	require.Equal(t, "duplicate_emails", err.Code())
	require.Equal(t, "m", err.Message())
	require.Equal(t, "3f0c7b1e", err.RequestID())
	require.Equal(t, []string{"A@example.com", "b@example.com"}, err.InvalidEmails(), "in the spelling of the response")
	require.Equal(t, getTokenOperation.Operation, err.Operation())
	require.Equal(t, 1, err.Attempts())
	require.NotNil(t, err.Response())
	require.NoError(t, err.Unwrap())

	resp := newBufferedResponse(500, `{"id":7}`)
	resp.Header.Set("x-request-id", "req-9")
	require.Equal(t, "req-9", requireAPIError(t, newFakeCall(t).statusError(resp)).RequestID())

	var zero GenericOpenAPIError
	require.Empty(t, zero.Error()+zero.Code()+zero.Message()+zero.RequestID())
	require.Nil(t, zero.Body())
	require.Nil(t, zero.Model())
	require.Nil(t, zero.InvalidEmails())
	require.Nil(t, zero.Response())
	require.NotErrorIs(t, zero, ErrServer)
}

// TestErrorLogValue: operation, route and what identifies the failure; no body, no response.
func TestErrorLogValue(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	err := statusError(t, 404, `{"id":"i","code":"not_found","message":"m","secret":"hidden"}`)
	logger.Info("failed", "err", err)
	require.JSONEq(t, `{"level":"INFO","msg":"failed","err":{"error":"404 Not Found: m (not_found)","operation":"getToken",
		"route":"/api/v2/tokens/{id}","status":404,"code":"not_found","request_id":"i","attempts":1}}`, out.String())
}

// TestPresentable: the credential in whichever form the server repeats it.
func TestPresentable(t *testing.T) {
	t.Parallel()
	for _, credential := range []string{fakeToken, "Bearer " + fakeToken, "Token " + fakeToken} {
		c := newFakeCall(t)
		c.authorization = newSecret(credential)
		for _, text := range []string{fakeToken, credential, "x" + credential + "y" + fakeToken, strings.Repeat("-", 990) + fakeToken} {
			got := c.presentable(text)
			require.NotContains(t, got, fakeToken)
			require.NotContains(t, got, fakeToken[:10], "not even where the text is cut")
		}
	}
	require.Equal(t, fakeToken, newFakeCall(t).presentable(fakeToken), "without a credential there is nothing to hide")
}

func TestStatusText(t *testing.T) {
	t.Parallel()
	require.Equal(t, "404 Gone fishing", statusText(&http.Response{StatusCode: 404, Status: "404 Gone fishing"}))
	require.Equal(t, "404 Not Found", statusText(&http.Response{StatusCode: 404}))
	require.Equal(t, "799", statusText(&http.Response{StatusCode: 799}))
}

// TestTextsOfAnyBytes: response text is truncated to valid text, for any bytes.
func TestTextsOfAnyBytes(t *testing.T) {
	t.Parallel()
	for first := range 256 {
		for _, length := range []int{1, 999, 1000, 1001, 1003, 5000} {
			text := newFakeCall(t).presentable(strings.Repeat(string([]byte{byte(first)}), length))
			require.True(t, utf8.ValidString(text), "%#x", first)
			require.LessOrEqual(t, len(text), 1000+len("…"), "%#x", first)
		}
	}
}
