package ldapi

import (
	"errors"
	"net/http"

	"github.com/ldapi-go/ldapi/internal/codec"
)

// The sentinels that [errors.Is] finds in the errors of calls. Those of statuses match the status,
// or the code in the body.
var (
	// ErrInvalidRequest matches responses with status 400.
	ErrInvalidRequest = errors.New("ldapi: invalid request")
	// ErrUnauthorized matches responses with status 401: there was no token, or it is unknown,
	// deleted or expired.
	ErrUnauthorized = errors.New("ldapi: unauthorized")
	// ErrForbidden matches responses with status 403: the token lacks the permission.
	ErrForbidden = errors.New("ldapi: forbidden")
	// ErrNotFound matches responses with status 404.
	ErrNotFound = errors.New("ldapi: not found")
	// ErrConflict matches responses with status 409: the resource was changed at the same time.
	ErrConflict = errors.New("ldapi: conflict")
	// ErrPatchFailed matches responses with status 422: the patch does not fit the resource.
	ErrPatchFailed = errors.New("ldapi: patch failed")
	// ErrRateLimited matches responses with status 429, and requests that were not sent because the
	// quota is used up until after the deadline of the context.
	ErrRateLimited = errors.New("ldapi: rate limited")
	// ErrServer matches responses with status 500 or above.
	ErrServer = errors.New("ldapi: server error")

	// ErrDecode matches successful responses whose body does not fit the API description.
	ErrDecode = codec.Err
	// ErrResponseTooLarge matches successful responses beyond [WithMaxResponseBytes], and documents that would take far more memory
	// than their size explains: more than 24 times that and 4 MiB.
	ErrResponseTooLarge = codec.ErrTooLarge
	// ErrRedirect matches redirects that were not followed. Only 307 and 308 to the same origin are
	// followed.
	ErrRedirect = errors.New("ldapi: redirect not followed")
	// ErrInsecureURL matches calls over http to a host that is not loopback, or through a proxy.
	// The request was not sent.
	ErrInsecureURL = errors.New("ldapi: insecure URL")

	// ErrOutcomeUnknown means that a POST, PATCH or PUT failed and the server may or may not have
	// applied it.
	ErrOutcomeUnknown = errors.New("ldapi: outcome unknown")

	// ErrEmailAlreadyInAccount matches rejected invitations of members of the account.
	// [GenericOpenAPIError.InvalidEmails] returns their addresses.
	ErrEmailAlreadyInAccount = errors.New("ldapi: email already exists in the account")
	// ErrEmailInOtherAccount matches rejected invitations of members of another account.
	ErrEmailInOtherAccount = errors.New("ldapi: email taken in a different account")
	// ErrDuplicateEmails matches rejected requests with the same address twice.
	ErrDuplicateEmails = errors.New("ldapi: duplicate emails")
	// ErrSeatLimit matches rejected invitations beyond the seats of the account's plan.
	ErrSeatLimit = errors.New("ldapi: seat limit reached")
	// ErrImportRejected matches the response to an import of team members in which a row is invalid (status 207). No member was
	// added; [GenericOpenAPIError.Model] returns the [TeamImportsRep] with a message per row.
	ErrImportRejected = errors.New("ldapi: import rejected: no member was added")
	// ErrInviteLimit matches rejected invitations beyond the number that the account may have open.
	ErrInviteLimit = errors.New("ldapi: invite limit reached")
)

// ArgumentError reports an invalid argument, header or option. The request was not sent.
type ArgumentError struct {
	// Operation is the ID of the operation, such as "getToken".
	Operation string
	// Parameter is the name of the invalid parameter, header or option.
	Parameter string
	// Reason describes what is wrong with it. It contains no credential and no ID.
	Reason string

	cause error
}

// Unwrap returns the error of the reader of an upload, or nil.
func (e *ArgumentError) Unwrap() error { return e.cause }

// Error returns the operation, the parameter and the reason.
func (e *ArgumentError) Error() string {
	return "ldapi: " + e.Operation + ": " + e.Parameter + ": " + e.Reason
}

// matches reports whether a response with status and code matches the sentinel target.
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
