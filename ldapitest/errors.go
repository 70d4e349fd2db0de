package ldapitest

import (
	"fmt"
	"net/http"
	"strings"
)

// apiError is an error answer of the API.
type apiError struct {
	status        int
	code, message string
	invalidEmails []string // addresses in the caller's letter case; only invitations have them
}

func (e *apiError) Error() string { return e.message }

func badRequest(format string, args ...any) error {
	return &apiError{status: http.StatusBadRequest, code: "invalid_request", message: fmt.Sprintf(format, args...)}
}

func forbidden(format string, args ...any) error {
	return &apiError{status: http.StatusForbidden, code: "forbidden", message: fmt.Sprintf(format, args...)}
}

func memberConflict(code, message string, emails []string) error {
	return &apiError{status: http.StatusBadRequest, code: code, message: message, invalidEmails: emails}
}

// standardErrors are the bodies that the API returns unless there is a more specific one.
var standardErrors = map[int]apiError{
	http.StatusBadRequest:            {code: "invalid_request", message: "Invalid request body"},
	http.StatusUnauthorized:          {code: "unauthorized", message: "Invalid access token"},
	http.StatusForbidden:             {code: "forbidden", message: "Forbidden. Access to the requested resource was denied."},
	http.StatusNotFound:              {code: "not_found", message: "Invalid resource identifier"},
	http.StatusMethodNotAllowed:      {code: "method_not_allowed", message: "Method not allowed"},
	http.StatusConflict:              {code: "optimistic_locking_error", message: "Conflict. Optimistic lock error. Try again later."},
	http.StatusRequestEntityTooLarge: {code: "request_entity_too_large", message: "Request entity too large"},
	http.StatusUnprocessableEntity:   {code: "patch_failed", message: "Unprocessable entity. Could not apply patch."},
	http.StatusTooManyRequests:       {code: "rate_limited", message: "You've exceeded the API rate limit. Try again later."},
	http.StatusInternalServerError:   {code: "internal_server_error", message: "Internal server error"},
	http.StatusServiceUnavailable:    {code: "service_unavailable", message: "Service unavailable"},
}

// standardError returns the usual error of a status; a status without one gets a code made of its text.
func standardError(status int) *apiError {
	e, ok := standardErrors[status]
	if !ok {
		text := http.StatusText(status)
		if text == "" {
			text = fmt.Sprintf("Status %d", status)
		}
		e.code, e.message = strings.ReplaceAll(strings.ToLower(text), " ", "_"), text
	}
	e.status = status
	return &e
}
