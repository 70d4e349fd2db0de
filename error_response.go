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

// GenericOpenAPIError is the error of a call that got a response: a status that is no success, a body that cannot be
// decoded (ErrDecode) or is too large (ErrResponseTooLarge), a redirect that was not followed (ErrRedirect). Calls return
// it as *GenericOpenAPIError. errors.Is tells its kind by the sentinels of this package.
//
// One kind has no response: an ErrRateLimited whose StatusCode is 0. The request was not sent, because a quota that is used
// up comes back after the deadline of the context only; RetryAfter tells when.
//
// Its text and its log value hold no credential and no query, and no id of the caller unless the server repeats it. Body and
// Response are as they came.
type GenericOpenAPIError struct {
	text      string
	status    int
	body      []byte
	model     interface{}
	detail    errorDetail
	logged    errorDetail // code and id as logs show them
	kind      error       // sentinel that the status does not tell
	cause     error
	operation Operation
	attempts  int
	response  *http.Response
	rateLimit RateLimit
	unknown   bool // whether the request was carried out
}

// errorDetail is what the bodies of errors have in common.
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

// newError makes the error of a response whose body is read. kind is nil for statuses; reason continues the text.
func (c *call) newError(resp *http.Response, cause, kind error, reason string) error {
	e := &GenericOpenAPIError{
		status: resp.StatusCode, body: responseBytes(resp), kind: kind, cause: c.withoutSecret(cause), operation: c.op.Operation,
		attempts: c.attempts, response: resp, rateLimit: parseRateLimit(resp.Header, time.Now()),
	}
	if kind == nil || kind == ErrRedirect {
		_ = codec.Decode(&e.detail, (*errorDetail).decode, e.body, false) // what is no JSON leaves it empty
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

// statusText gives the status line; some transports of tests leave it out.
func statusText(resp *http.Response) string {
	if resp.Status != "" {
		return resp.Status
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
}

// decodeErrorAs reads an error body as the model of its status; false when there is nothing of it in the body.
func decodeErrorAs[T any](read func(*T, *codec.Decoder) bool, body []byte) (interface{}, bool) {
	var m T
	if err := codec.Decode(&m, read, body, false); err != nil && inspect.PointsToZero(&m) {
		return nil, false
	}
	return m, true
}

func requestID(resp *http.Response) string { return resp.Header.Get("X-Request-Id") }

// Error starts with the HTTP status, such as "404 Not Found", and is just that when the body of a status that is no success
// is empty. With an error document as body it continues with its message, its code and the first five of its addresses. Without a
// response it starts with "not sent".
func (e GenericOpenAPIError) Error() string { return e.text }

// Format is Error for every printing verb: the body, which may hold a secret, is not printed.
func (e GenericOpenAPIError) Format(f fmt.State, verb rune) {
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), e.text)
}

// Body returns the body of the response, as far as it was read.
func (e GenericOpenAPIError) Body() []byte { return e.body }

// Model returns the body as the model of its status, by value: NotFoundErrorRep{…} for 404. nil when the body is none.
func (e GenericOpenAPIError) Model() interface{} { return e.model }

// StatusCode returns the HTTP status code; 0 when the request was not sent.
func (e GenericOpenAPIError) StatusCode() int { return e.status }

// Code returns the code in the body, such as "not_found"; "" when there is none.
func (e GenericOpenAPIError) Code() string { return e.detail.code }

// Message returns the message in the body; "" when there is none.
func (e GenericOpenAPIError) Message() string { return e.detail.message }

// RequestID returns the id by which LaunchDarkly's support finds the request: of the body, else of the header
// X-Request-Id; "" when there is none.
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

// RateLimit returns the quotas that the response tells.
func (e GenericOpenAPIError) RateLimit() RateLimit { return e.rateLimit }

// RetryAfter returns how long the response asks to wait, counted from its receipt; false when it does not say.
func (e GenericOpenAPIError) RetryAfter() (time.Duration, bool) {
	return e.rateLimit.RetryAfter, e.rateLimit.RetryAfter > 0
}

// InvalidEmails returns the addresses that made the API reject invitations, in the spelling of the response.
func (e GenericOpenAPIError) InvalidEmails() []string { return e.detail.invalidEmails }

// Response returns the response. Its body can be read again, its request does not carry the credential. It is nil when
// the request was not sent.
func (e GenericOpenAPIError) Response() *http.Response { return e.response }

// Unwrap returns what went wrong with a response of success.
func (e GenericOpenAPIError) Unwrap() error { return e.cause }

// Is reports whether target is a sentinel of this package that stands for the kind, the status or the code of e.
func (e GenericOpenAPIError) Is(target error) bool {
	if target == ErrOutcomeUnknown {
		return e.unknown
	}
	if e.kind != nil {
		return target == e.kind
	}
	return matches(target, e.status, e.detail.code)
}

// LogValue gives what is fit for logs: text, operation, route (but not the path of APIClient.Do), status, code, request id
// and attempts.
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

// callError is the error of a call that got no response. It names the operation and, if the request was handed to a transport,
// the host, and leaves out the URL, whose query is the caller's business; of APIClient.Do it shows the path.
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

// failure is the error of an attempt that was not sent.
func (c *call) failure(err error) error { return c.newCallError(err) }

// transportFailure is the error of an attempt to send req that got no response from the transport.
func (c *call) transportFailure(err error, req *http.Request, sent bool) error {
	e := c.newCallError(err)
	e.host, e.transport, e.sent, e.permanent = req.URL.Host, true, sent, wire.Permanent(err)
	return e
}

func (c *call) newCallError(err error) *callError {
	return &callError{operation: c.op.Operation, attempts: c.attempts, text: c.presentable(withoutURLs(err)), err: c.withoutSecret(err)}
}

// Error names the operation, the host and the cause, how many attempts there were if not one, and whether the outcome is unknown.
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

// Is reports whether target is ErrOutcomeUnknown and the outcome is unknown.
func (e *callError) Is(target error) bool { return target == ErrOutcomeUnknown && e.unknown }

const unknownText = "; the outcome is unknown: the request may have been carried out"

// unknownOutcome marks an error of a request that may have been carried out.
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
