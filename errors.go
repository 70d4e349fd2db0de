package ldapi

import (
	"errors"
	"net/http"

	"github.com/ldapi-go/ldapi/internal/codec"
)

// Sentinels that errors.Is finds in the errors of calls. Those of statuses match by status or by the code in the body.
var (
	// ErrInvalidRequest is status 400.
	ErrInvalidRequest = errors.New("ldapi: invalid request")
	// ErrUnauthorized is status 401: no token, or one that is unknown, deleted or expired.
	ErrUnauthorized = errors.New("ldapi: unauthorized")
	// ErrForbidden is status 403: the token may not do that.
	ErrForbidden = errors.New("ldapi: forbidden")
	// ErrNotFound is status 404.
	ErrNotFound = errors.New("ldapi: not found")
	// ErrConflict is status 409: somebody else changed the resource at the same time.
	ErrConflict = errors.New("ldapi: conflict")
	// ErrPatchFailed is status 422: the patch does not fit the resource.
	ErrPatchFailed = errors.New("ldapi: patch failed")
	// ErrRateLimited is status 429, or a request that was not sent: the quota is used up beyond the deadline of the context.
	ErrRateLimited = errors.New("ldapi: rate limited")
	// ErrServer is any status from 500 on.
	ErrServer = errors.New("ldapi: server error")

	// ErrDecode is a successful response whose body is not what the API description says.
	ErrDecode = codec.Err
	// ErrResponseTooLarge matches successful responses beyond [WithMaxResponseBytes], and documents that would take far more memory
	// than their size explains: more than 24 times that and 4 MiB.
	ErrResponseTooLarge = codec.ErrTooLarge
	// ErrRedirect is a redirect that was not followed: only 307 and 308 to the same origin are.
	ErrRedirect = errors.New("ldapi: redirect not followed")
	// ErrInsecureURL is a call over http to a host that is not loopback; nothing was sent.
	ErrInsecureURL = errors.New("ldapi: insecure URL")

	// ErrOutcomeUnknown is a POST or PATCH (with APIClient.Do also a PUT) that failed in a way that leaves open whether it
	// was carried out.
	ErrOutcomeUnknown = errors.New("ldapi: outcome unknown")

	// ErrEmailAlreadyInAccount is an invitation of somebody who is a member already; GenericOpenAPIError.InvalidEmails
	// tells whom.
	ErrEmailAlreadyInAccount = errors.New("ldapi: email already exists in the account")
	// ErrEmailInOtherAccount is an invitation of somebody who is in another account.
	ErrEmailInOtherAccount = errors.New("ldapi: email taken in a different account")
	// ErrDuplicateEmails is one address twice among the invitations of a request.
	ErrDuplicateEmails = errors.New("ldapi: duplicate emails")
	// ErrSeatLimit is an invitation beyond the seats of the account's plan.
	ErrSeatLimit = errors.New("ldapi: seat limit reached")
	// ErrInviteLimit is an invitation beyond the invitations that the account may have open.
	ErrInviteLimit = errors.New("ldapi: invite limit reached")
)

// ArgumentError is a call that was not sent because of what its caller gave.
type ArgumentError struct {
	// Operation is the operation, such as "getToken".
	Operation string
	// Parameter is the parameter, header or option that is wrong.
	Parameter string
	// Reason says what is wrong with it. It repeats no credential and no id.
	Reason string
}

// Error names operation, parameter and reason.
func (e *ArgumentError) Error() string {
	return "ldapi: " + e.Operation + ": " + e.Parameter + ": " + e.Reason
}

// matches reports whether the sentinel is what status and code stand for.
func matches(target error, status int, code string) bool {
	switch target {
	case ErrInvalidRequest:
		return status == http.StatusBadRequest || code == "invalid_request"
	case ErrUnauthorized:
		return status == http.StatusUnauthorized || code == "unauthorized"
	case ErrForbidden:
		return status == http.StatusForbidden || code == "forbidden"
	case ErrNotFound:
		return status == http.StatusNotFound || code == "not_found"
	case ErrConflict:
		return status == http.StatusConflict || code == "optimistic_locking_error"
	case ErrPatchFailed:
		return status == http.StatusUnprocessableEntity || code == "patch_failed"
	case ErrRateLimited:
		return status == http.StatusTooManyRequests || code == "rate_limited"
	case ErrServer:
		return status >= http.StatusInternalServerError
	case ErrEmailAlreadyInAccount:
		return code == "email_already_exists_in_account"
	case ErrEmailInOtherAccount:
		return code == "email_taken_in_different_account"
	case ErrDuplicateEmails:
		return code == "duplicate_emails" || code == "duplicate_email"
	case ErrSeatLimit:
		return code == "seat_limit_reached"
	case ErrInviteLimit:
		return code == "invite_limit_reached"
	}
	return false
}
