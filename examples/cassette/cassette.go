// Package cassette records what a client sends and receives with go-vcr, without the access token.
package cassette

import (
	"context"
	"net/http"
	"regexp"

	"github.com/ldapi-go/ldapi"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/recorder"
)

// New returns a recorder for a cassette file that does not exist yet, or a player of one that does.
func New(file string) (*recorder.Recorder, error) {
	return recorder.New(file, recorder.WithRealTransport(send{}), recorder.WithSkipRequestLatency(true),
		recorder.WithHook(hideSecrets, recorder.BeforeSaveHook))
}

// Middleware is for [ldapi.WithAttemptMiddleware]. The client sets the credential after it, so that r never sees the token.
func Middleware(r *recorder.Recorder) ldapi.Middleware {
	return func(next ldapi.RoundTrip) ldapi.RoundTrip {
		return func(req *http.Request) (*http.Response, error) {
			return r.RoundTrip(req.WithContext(context.WithValue(req.Context(), sendKey{}, next)))
		}
	}
}

type sendKey struct{}

// send is the transport of the recorder: it sends a request with the client that it came from.
type send struct{}

func (send) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := req.Context().Value(sendKey{}).(ldapi.RoundTrip)(req)
	if resp != nil {
		return resp, nil // the client makes an error of the status again, also when it is played
	}
	return nil, err
}

var secret = regexp.MustCompile(`api-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// hideSecrets replaces the secrets in responses that create or reset a token.
func hideSecrets(i *cassette.Interaction) error {
	i.Response.Body = secret.ReplaceAllString(i.Response.Body, "api-00000000-0000-4000-8000-000000000000")
	return nil
}
