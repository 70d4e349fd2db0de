package ldapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// failure is a documented error of the API.
type failure struct {
	status        int
	line          string // status line
	code, message string
	is            error
	model         any // the value that Model returns
}

func (f failure) body() string {
	return fmt.Sprintf(`{"id":%q,"code":%q,"message":%q}`, correlation, f.code, f.message)
}

// documentedFailures are those with a model, by status.
func documentedFailures() map[int]failure {
	extra := map[string]interface{}{"id": correlation}
	const (
		forbidden = "Forbidden. Access to the requested resource was denied."
		conflict  = "Conflict. Optimistic lock error. Try again later."
		patch     = "Unprocessable entity. Could not apply patch."
		rate      = "You've exceeded the API rate limit. Try again later."
	)
	return map[int]failure{
		400: {400, "400 Bad Request", "invalid_request", "Invalid request body", ldapi.ErrInvalidRequest,
			ldapi.InvalidRequestErrorRep{Code: "invalid_request", Message: "Invalid request body", AdditionalProperties: extra}},
		401: {401, "401 Unauthorized", "unauthorized", "Invalid access token", ldapi.ErrUnauthorized,
			ldapi.UnauthorizedErrorRep{Code: "unauthorized", Message: "Invalid access token", AdditionalProperties: extra}},
		403: {403, "403 Forbidden", "forbidden", forbidden, ldapi.ErrForbidden,
			ldapi.ForbiddenErrorRep{Code: "forbidden", Message: forbidden, AdditionalProperties: extra}},
		404: {404, "404 Not Found", "not_found", "Invalid resource identifier", ldapi.ErrNotFound,
			ldapi.NotFoundErrorRep{Code: "not_found", Message: "Invalid resource identifier", AdditionalProperties: extra}},
		405: {405, "405 Method Not Allowed", "method_not_allowed", "Method not allowed", nil,
			ldapi.MethodNotAllowedErrorRep{Code: "method_not_allowed", Message: "Method not allowed", AdditionalProperties: extra}},
		409: {409, "409 Conflict", "optimistic_locking_error", conflict, ldapi.ErrConflict,
			ldapi.StatusConflictErrorRep{Code: "optimistic_locking_error", Message: conflict, AdditionalProperties: extra}},
		422: {422, "422 Unprocessable Entity", "patch_failed", patch, ldapi.ErrPatchFailed,
			ldapi.PatchFailedErrorRep{Code: "patch_failed", Message: patch, AdditionalProperties: extra}},
		429: {429, "429 Too Many Requests", "rate_limited", rate, ldapi.ErrRateLimited,
			ldapi.RateLimitedErrorRep{Code: "rate_limited", Message: rate, AdditionalProperties: extra}},
	}
}

// sentinels are all errors that errors.Is can match.
func sentinels() map[string]error {
	return map[string]error{
		"ErrInvalidRequest": ldapi.ErrInvalidRequest, "ErrUnauthorized": ldapi.ErrUnauthorized, "ErrForbidden": ldapi.ErrForbidden,
		"ErrNotFound": ldapi.ErrNotFound, "ErrConflict": ldapi.ErrConflict, "ErrPatchFailed": ldapi.ErrPatchFailed,
		"ErrRateLimited": ldapi.ErrRateLimited, "ErrServer": ldapi.ErrServer, "ErrDecode": ldapi.ErrDecode,
		"ErrResponseTooLarge": ldapi.ErrResponseTooLarge, "ErrInsecureURL": ldapi.ErrInsecureURL, "ErrRedirect": ldapi.ErrRedirect,
		"ErrEmailAlreadyInAccount": ldapi.ErrEmailAlreadyInAccount, "ErrEmailInOtherAccount": ldapi.ErrEmailInOtherAccount,
		"ErrDuplicateEmails": ldapi.ErrDuplicateEmails, "ErrSeatLimit": ldapi.ErrSeatLimit, "ErrInviteLimit": ldapi.ErrInviteLimit,
	}
}

// isExactly asserts which sentinels err matches, and that it matches no others.
func isExactly(t *testing.T, err error, want ...error) {
	t.Helper()
	for name, sentinel := range sentinels() {
		expected := false
		for _, w := range want {
			expected = expected || w == sentinel
		}
		assert.Equal(t, expected, errors.Is(err, sentinel), "errors.Is(err, %s) of %v", name, err)
	}
}

// Every documented status, with every operation.
func TestDocumentedErrorsOfEveryOperation(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		for status, want := range documentedFailures() {
			t.Run(fmt.Sprintf("%s %d", op.id, status), func(t *testing.T) {
				t.Parallel()
				client, w := answering(status, want.body())
				model, resp, err := op.call(client, t.Context(), "abc123")
				assert.Nil(t, model)
				w.only(t)

				e := apiError(t, err)
				assert.Equal(t, status, e.StatusCode())
				assert.Equal(t, want.code, e.Code())
				assert.Equal(t, want.message, e.Message())
				assert.Equal(t, want.model, e.Model())
				assert.Equal(t, correlation, e.RequestID())
				assert.Empty(t, e.InvalidEmails())
				assert.Equal(t, 1, e.Attempts())
				assert.Equal(t, ldapi.Operation{ID: op.id, Service: op.service, Method: op.method, Route: op.route}, e.Operation())
				assert.Equal(t, want.line+": "+want.message+" ("+want.code+")", e.Error())
				assert.Equal(t, want.body(), string(e.Body()))
				if want.is == nil {
					isExactly(t, err)
				} else {
					isExactly(t, err, want.is)
				}
				require.Same(t, resp, e.Response())
				assert.Equal(t, want.body(), readAll(t, resp))
				assert.Equal(t, want.body(), readAll(t, e.Response()), "and again")
			})
		}
	}
}

// Other statuses are errors too. Those without a model in the description have none.
func TestOtherErrorStatuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status    int
		body      string
		line      string
		sentinels []error
	}{
		{304, `{"code":"c"}`, "304 Not Modified: c", nil},
		{405, `{"code":"method_not_allowed","message":"Method not allowed"}`,
			"405 Method Not Allowed: Method not allowed (method_not_allowed)", nil},
		{413, `{"code":"request_entity_too_large"}`, "413 Request Entity Too Large: request_entity_too_large", nil},
		{500, `{"code":"internal_server_error","message":"Internal server error"}`,
			"500 Internal Server Error: Internal server error (internal_server_error)", []error{ldapi.ErrServer}},
		{503, `{"code":"service_unavailable","message":"Service unavailable"}`,
			"503 Service Unavailable: Service unavailable (service_unavailable)", []error{ldapi.ErrServer}},
		{599, `{"message":"?"}`, "599: ?", []error{ldapi.ErrServer}},
	} {
		t.Run(fmt.Sprint(tc.status), func(t *testing.T) {
			t.Parallel()
			client, _ := answering(tc.status, tc.body)
			_, _, err := getToken(t.Context(), client)
			e := apiError(t, err)
			assert.Equal(t, tc.status, e.StatusCode())
			if tc.status == 405 {
				assert.Equal(t, ldapi.MethodNotAllowedErrorRep{Code: "method_not_allowed", Message: "Method not allowed"}, e.Model())
			} else {
				assert.Nil(t, e.Model())
			}
			assert.Equal(t, tc.line, strings.Replace(e.Error(), "599 :", "599:", 1))
			isExactly(t, err, tc.sentinels...)
		})
	}
}

// The code identifies the error as well as the status does: LaunchDarkly's statuses for some of them are not certain.
func TestSentinelsByCode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		code string
		is   error
	}{
		{"invalid_request", ldapi.ErrInvalidRequest},
		{"unauthorized", ldapi.ErrUnauthorized},
		{"forbidden", ldapi.ErrForbidden},
		{"not_found", ldapi.ErrNotFound},
		{"optimistic_locking_error", ldapi.ErrConflict},
		{"patch_failed", ldapi.ErrPatchFailed},
		{"rate_limited", ldapi.ErrRateLimited},
		{"email_already_exists_in_account", ldapi.ErrEmailAlreadyInAccount},
		{"email_taken_in_different_account", ldapi.ErrEmailInOtherAccount},
		{"duplicate_email", ldapi.ErrDuplicateEmails},
		{"duplicate_emails", ldapi.ErrDuplicateEmails},
		{"seat_limit_reached", ldapi.ErrSeatLimit},
		{"invite_limit_reached", ldapi.ErrInviteLimit},
	} {
		t.Run(tc.code, func(t *testing.T) {
			t.Parallel()
			client, _ := answering(418, `{"code":"`+tc.code+`","message":"m"}`)
			_, _, err := getToken(t.Context(), client)
			isExactly(t, err, tc.is)
			isExactly(t, fmt.Errorf("wrapped: %w", err), tc.is)
		})
	}
}

func TestRejectedInvitations(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body string
		is         error
		emails     []string
	}{
		{"already a member",
			`{"code":"email_already_exists_in_account","message":"m","invalid_emails":["Sam@Example.com"]}`,
			ldapi.ErrEmailAlreadyInAccount, []string{"Sam@Example.com"}},
		{"in another account",
			`{"code":"email_taken_in_different_account","message":"m","invalid_emails":["sam@example.com","kim@example.com"]}`,
			ldapi.ErrEmailInOtherAccount, []string{"sam@example.com", "kim@example.com"}},
		{"twice", `{"code":"duplicate_emails","message":"m","invalid_emails":["sam@example.com"]}`,
			ldapi.ErrDuplicateEmails, []string{"sam@example.com"}},
		{"twice, other spelling", `{"code":"duplicate_email","message":"m","invalid_emails":[]}`, ldapi.ErrDuplicateEmails, []string{}},
		{"no seats", `{"code":"seat_limit_reached","message":"m"}`, ldapi.ErrSeatLimit, nil},
		{"too many", `{"code":"invite_limit_reached","message":"m","invalid_emails":null}`, ldapi.ErrInviteLimit, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			client, _ := answering(400, tc.body)
			forms := []ldapi.NewMemberForm{{Email: "sam@example.com"}}
			_, _, err := client.AccountMembersApi.PostMembers(t.Context()).NewMemberForm(forms).Execute()
			e := apiError(t, err)
			isExactly(t, err, ldapi.ErrInvalidRequest, tc.is)
			assert.ElementsMatch(t, tc.emails, e.InvalidEmails())
			model, ok := e.Model().(ldapi.InvalidRequestErrorRep)
			require.True(t, ok)
			assert.Equal(t, e.Code(), model.Code)
			if len(tc.emails) > 0 {
				assert.Len(t, model.AdditionalProperties["invalid_emails"], len(tc.emails))
			}
		})
	}
}

func TestRequestIDFromTheHeader(t *testing.T) {
	t.Parallel()
	w := newWire(respond(404, `{"code":"not_found","message":"m"}`).HeaderSet(http.Header{"X-Request-Id": {"req-77"}}))
	_, _, err := getToken(t.Context(), newClient(w))
	assert.Equal(t, "req-77", apiError(t, err).RequestID())
}

// Methods of errors have value receivers: programs keep errors by value, and zero ones in their tests.
func TestErrorsByValue(t *testing.T) {
	t.Parallel()
	client, _ := answering(404, `{"code":"not_found","message":"m"}`)
	_, _, err := getToken(t.Context(), client)
	var byValue error = *apiError(t, err)
	require.ErrorIs(t, byValue, ldapi.ErrNotFound)
	assert.Equal(t, err.Error(), byValue.Error())
	var zero ldapi.GenericOpenAPIError
	assert.Empty(t, zero.Error())
	assert.Empty(t, zero.RequestID())
	assert.Nil(t, zero.Body())
	assert.Nil(t, zero.Model())
	isExactly(t, zero)
}

// A rejected invitation names the first addresses, and so does an error that wraps it.
func TestErrorsNameRejectedAddresses(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		0: "400 Bad Request: taken (email_already_exists_in_account)",
		1: "400 Bad Request: taken (email_already_exists_in_account): a1@example.com",
		5: "400 Bad Request: taken (email_already_exists_in_account): a1@example.com, a2@example.com, a3@example.com, a4@example.com, a5@example.com",
		7: "400 Bad Request: taken (email_already_exists_in_account): a1@example.com, a2@example.com, a3@example.com, a4@example.com, a5@example.com and 2 more",
	} {
		var emails []string
		for i := range n {
			emails = append(emails, fmt.Sprintf("a%d@example.com", i+1))
		}
		body, err := json.Marshal(map[string]any{"code": "email_already_exists_in_account", "message": "taken", "invalid_emails": emails})
		require.NoError(t, err)
		client, _ := answering(400, string(body))
		_, err = client.InviteMembers(t.Context(), []ldapi.NewMemberForm{{Email: "a1@example.com"}})
		assert.Contains(t, err.Error(), want)
		var rejected *ldapi.GenericOpenAPIError
		require.ErrorAs(t, err, &rejected)
		assert.Equal(t, want, rejected.Error())
		assert.Len(t, rejected.InvalidEmails(), n)
	}
	client, _ := answering(400, `{"invalid_emails":["a@example.com"]}`)
	_, _, err := getToken(t.Context(), client)
	assert.Equal(t, "400 Bad Request: a@example.com", err.Error())
}
