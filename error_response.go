package ldapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/ldapi-go/ldapi/internal/codec"
	"github.com/ldapi-go/ldapi/internal/inspect"
	"github.com/ldapi-go/ldapi/internal/wire"
)

// GenericOpenAPIError is the error of a call that got a response: a status of 300 or above, a body
// that cannot be decoded ([ErrDecode]) or is too large ([ErrResponseTooLarge]), or a redirect that
// was not followed ([ErrRedirect]). Calls return it as *GenericOpenAPIError. Use [errors.Is] with
// the sentinels of this package to distinguish the kinds.
//
// One kind has no response: an [ErrRateLimited] with StatusCode 0. The request was not sent,
// because a quota is used up until after the deadline of the context; RetryAfter returns for how
// long.
//
// Neither its text nor its log value contains a credential, a query or an ID of the caller, unless
// the server repeats the ID. Body and Response are unmodified.
type GenericOpenAPIError struct {
	text      string
	status    int
	body      []byte
	model     interface{}
	detail    errorDetail
	logged    errorDetail // code and id as logs show them
	kind      error       // sentinel other than that of the status
	cause     error
	operation Operation
	attempts  int
	response  *http.Response
	rateLimit RateLimit
	unknown   bool // whether the request was carried out
}

// errorDetail is what the bodies of all errors have in common.
type errorDetail struct {
	code, message, id string
	invalidEmails     []string
}

func (d *errorDetail) decode(dec *codec.Decoder) bool {
	p := dec.Object(nil)
	for p.Next() {
		switch string(p.Key) {
		case "code":
			codec.DecodeString(&d.code, dec)
		case "message":
			codec.DecodeString(&d.message, dec)
		case "id":
			codec.DecodeString(&d.id, dec)
		case "invalid_emails":
			codec.DecodeSlice(&d.invalidEmails, dec, codec.DecodeString)
		default:
			var ignored interface{}
			codec.DecodeAny(&ignored, dec)
		}
	}
	return p.Found
}

// newError returns the error of a response whose body was read. kind is nil for statuses; reason
// completes the text.
func (c *call) newError(resp *http.Response, cause, kind error, reason string) error {
	e := &GenericOpenAPIError{
		status: resp.StatusCode, body: responseBytes(resp), kind: kind, cause: c.withoutSecret(cause), operation: c.op.Operation,
		attempts: c.attempts, response: resp, rateLimit: parseRateLimit(resp.Header, time.Now()),
	}
	if kind == nil || kind == ErrRedirect || c.isRejection(resp) {
		_ = codec.Decode(&e.detail, e.detail.decode, e.body, false) // what is no JSON leaves it empty
		if m, ok := decodeErrorModel(e.status, e.body); ok {
			e.model = m
		}
	}
	if reason == "" {
		reason = e.detail.text()
	}
	if reason == "" && len(e.body) > 0 {
		reason = fmt.Sprintf("the body of %d bytes has neither message nor code%s", len(e.body), encodingOf(resp))
	}
	e.text = c.presentable(statusText(resp))
	if reason != "" {
		e.text += ": " + c.presentable(reason)
	}
	e.logged = errorDetail{code: c.presentable(e.detail.code), id: c.presentable(e.RequestID())}
	return e
}

const shownEmails = 5 // addresses in a text

// text returns the message, the code and the first addresses, as far as present.
func (d errorDetail) text() string {
	text := d.message
	switch {
	case text == "":
		text = d.code
	case d.code != "":
		text += " (" + d.code + ")"
	}
	if n := len(d.invalidEmails); n > 0 {
		text += ": " + strings.Join(d.invalidEmails[:min(n, shownEmails)], ", ")
		if n > shownEmails {
			text += fmt.Sprintf(" and %d more", n-shownEmails)
		}
	}
	return strings.TrimPrefix(text, ": ")
}

// statusText returns the status line. Transports of tests may omit it.
func statusText(resp *http.Response) string {
	if resp.Status != "" {
		return resp.Status
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
}

// decodeErrorAs decodes an error body into the model of its status. It reports false if the body
// has no property of the model.
func decodeErrorAs[T any](read func(*T, *codec.Decoder) bool, body []byte) (interface{}, bool) {
	var m T
	if err := codec.Decode(&m, func(d *codec.Decoder) bool { return read(&m, d) }, body, false); err != nil && inspect.PointsToZero(&m) {
		return nil, false
	}
	return m, true
}

func requestID(resp *http.Response) string { return resp.Header.Get("X-Request-Id") }

// Error returns a text that starts with the HTTP status, such as "404 Not Found", and is equal to
// it if the body of a status of 300 or above is empty. For a JSON body, its message, its code and
// up to five of its addresses follow. Without a response the text starts with "not sent".
func (e GenericOpenAPIError) Error() string { return e.text }

// Format prints Error for every verb. It does not print the body, which may contain a secret.
func (e GenericOpenAPIError) Format(f fmt.State, verb rune) {
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), e.text)
}

// Body returns the body of the response, as far as it was read.
func (e GenericOpenAPIError) Body() []byte { return e.body }

// Model returns the body as the model of its status, by value, such as [NotFoundErrorRep] for 404.
// It is nil if the body is not such a document.
func (e GenericOpenAPIError) Model() interface{} { return e.model }

// StatusCode returns the HTTP status code, or 0 if the request was not sent.
func (e GenericOpenAPIError) StatusCode() int { return e.status }

// Code returns the code in the body, such as "not_found", or "".
func (e GenericOpenAPIError) Code() string { return e.detail.code }

// Message returns the message in the body, or "".
func (e GenericOpenAPIError) Message() string { return e.detail.message }

// RequestID returns the ID that LaunchDarkly's support asks for: that of the body, or else of the
// header X-Request-Id, or "".
func (e GenericOpenAPIError) RequestID() string {
	if e.detail.id != "" || e.response == nil {
		return e.detail.id
	}
	return requestID(e.response)
}

// Operation returns the operation that failed.
func (e GenericOpenAPIError) Operation() Operation { return e.operation }

// Attempts returns how many times the request was sent.
func (e GenericOpenAPIError) Attempts() int { return e.attempts }

// RateLimit returns the quotas that the response reports.
func (e GenericOpenAPIError) RateLimit() RateLimit { return e.rateLimit }

// RetryAfter returns how long to wait before the next request, counted from the receipt of the
// response. It reports false if the response does not ask for a wait. For a 429 that does not
// specify one it returns the next wait of the retry policy.
func (e GenericOpenAPIError) RetryAfter() (time.Duration, bool) {
	return e.rateLimit.RetryAfter, e.rateLimit.RetryAfter > 0
}

// InvalidEmails returns the addresses for which the API rejected invitations, as the response
// spells them.
func (e GenericOpenAPIError) InvalidEmails() []string { return e.detail.invalidEmails }

// Response returns the response, or nil if the request was not sent. Its body can be read again,
// and its request does not contain the credential.
func (e GenericOpenAPIError) Response() *http.Response { return e.response }

// Unwrap returns what is wrong with a successful response, or nil.
func (e GenericOpenAPIError) Unwrap() error { return e.cause }

// Is reports whether target is a sentinel of this package that matches the kind, the status or the
// code of e.
func (e GenericOpenAPIError) Is(target error) bool {
	if target == ErrOutcomeUnknown {
		return e.unknown
	}
	if e.kind != nil {
		return target == e.kind
	}
	return matches(target, e.status, e.detail.code)
}

// LogValue returns attributes that are fit for logs: text, operation, route (but not the path of
// [APIClient.Do]), status, code, request ID and attempts.
func (e GenericOpenAPIError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("error", e.text), slog.String("operation", e.operation.ID)}
	if e.operation.Service != "" {
		attrs = append(attrs, slog.String("route", e.operation.Route))
	}
	return slog.GroupValue(append(attrs,
		slog.Int("status", e.status),
		slog.String("code", e.logged.code),
		slog.String("request_id", e.logged.id),
		slog.Int("attempts", e.attempts),
	)...)
}

// callError is the error of a call that got no response. It names the operation and, if the request
// was passed to a transport, the host. It omits the URL, whose query may be private; for
// [APIClient.Do] it contains the path.
type callError struct {
	operation Operation
	attempts  int
	host      string // that the request was meant for; "" if it was not handed to a transport
	transport bool   // it comes from net/http or the transport below
	sent      bool   // the request may have been sent
	permanent bool   // it would fail again
	unknown   bool   // whether the request was carried out
	text      string // of err, redacted
	err       error
}

// failure returns the error of an attempt that was not sent.
func (c *call) failure(err error) error { return c.newCallError(err) }

// transportFailure returns the error of an attempt to send req for which the transport returned no
// response.
func (c *call) transportFailure(err error, req *http.Request, sent bool) error {
	e := c.newCallError(err)
	e.host, e.transport, e.sent, e.permanent = req.URL.Host, true, sent, wire.Permanent(err)
	return e
}

func (c *call) newCallError(err error) *callError {
	return &callError{operation: c.op.Operation, attempts: c.attempts, text: c.presentable(withoutURLs(err)), err: c.withoutSecret(err)}
}

// Error returns the operation, the host and the cause, the number of the attempt unless it is the
// first, and whether the outcome is unknown.
func (e *callError) Error() string {
	text := "ldapi: " + e.operation.String()
	if e.host != "" {
		text += " at " + e.host
	}
	text += ": "
	if e.attempts > 1 {
		text += fmt.Sprintf("attempt %d: ", e.attempts)
	}
	text += e.text
	if e.unknown {
		text += unknownText
	}
	return text
}

// Unwrap returns the cause.
func (e *callError) Unwrap() error { return e.err }

// Is reports whether target is [ErrOutcomeUnknown] and the outcome is unknown.
func (e *callError) Is(target error) bool { return target == ErrOutcomeUnknown && e.unknown }

const unknownText = "; the outcome is unknown: the request may have been carried out"

// unknownOutcome marks the error of a request that the server may have applied.
func unknownOutcome(err error) error {
	switch e := err.(type) {
	case *GenericOpenAPIError:
		marked := *e
		marked.unknown = true
		if len(e.body) > 0 { // without a body the text is the status and nothing else
			marked.text += unknownText
		}
		return &marked
	case *callError:
		marked := *e
		marked.unknown = true
		return &marked
	default:
		return fmt.Errorf("%w; %w", err, ErrOutcomeUnknown)
	}
}
