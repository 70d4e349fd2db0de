package reliability_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// The canaries: a token and a password that occur nowhere else.
const (
	canaryToken    = "api-ca4a41e5-5109-4ca4-a41e-0f0f0f0f5109"
	canaryPassword = "tweet-Tw33t-canary-5109"
)

// cage collects all output.
type cage struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (c *cage) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(p)
}

// print prints values in every way that a program may, by accident or not.
func (c *cage) print(values ...any) {
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x", "%X", "%d", "%t", "%T"} {
			_, _ = fmt.Fprintf(c, verb+"\n", v)
		}
		_, _ = fmt.Fprintln(c, v, fmt.Errorf("wrapped: %w", asError(v)))
		c.loggers()[0].Error("printed", "value", v)
		c.loggers()[1].With("value", v).Error("printed", slog.Group("in", "a", v))
		if _, isError := v.(error); isError {
			document, err := json.Marshal(v)
			_, _ = fmt.Fprintln(c, string(document), err)
		}
	}
}

func asError(v any) error {
	if err, ok := v.(error); ok {
		return err
	}
	return fmt.Errorf("not an error: %v", v)
}

func (c *cage) loggers() [2]*slog.Logger {
	all := &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}
	return [2]*slog.Logger{slog.New(slog.NewTextHandler(c, all)), slog.New(slog.NewJSONHandler(c, all))}
}

// hits returns the lines that show a canary, also in hex or as a list of bytes.
func (c *cage) hits() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var hits []string
	for _, line := range strings.Split(c.text.String(), "\n") {
		for _, canary := range []string{canaryToken, canaryPassword} {
			part := canary[6 : len(canary)-2]
			decimal := strings.Trim(fmt.Sprint([]byte(part)), "[]")
			for _, trace := range []string{part, hex.EncodeToString([]byte(part)), strings.ToUpper(hex.EncodeToString([]byte(part))),
				decimal, strings.ReplaceAll(decimal, " ", ", "), strings.Trim(fmt.Sprintf("%#v", []byte(part)), "[]byte{}")} {
				if strings.Contains(line, trace) {
					hits = append(hits, line)
				}
			}
		}
	}
	return hits
}

// curious is middleware that prints all it sees.
func (c *cage) curious(next ldapi.RoundTrip) ldapi.RoundTrip {
	return func(req *http.Request) (*http.Response, error) {
		_, _ = fmt.Fprintf(c, "%v %+v %#v %+v\n", req, req, req, req.Context())
		resp, err := next(req)
		if resp != nil && resp.Header.Get("Location") == "" { // a redirect is passed on unchanged
			_, _ = fmt.Fprintf(c, "%v %+v %#v %+v\n", resp, resp, resp, resp.Request)
		}
		_, _ = fmt.Fprintf(c, "%v %+v\n", err, err)
		return resp, err
	}
}

// misfortunes are failures of the calls; repeats is a body that contains the token.
func misfortunes() map[string][]ldapitest.Fault {
	repeats := fmt.Sprintf(`{"id":%q,"code":%q,"message":"token %s is bad","invalid_emails":[%q]}`,
		canaryToken, canaryToken, canaryToken, canaryToken)
	all := map[string][]ldapitest.Fault{
		"none":        nil,
		"redirect":    {{Kind: ldapitest.FaultRedirect, Location: "https://me:" + canaryToken + "@other.example.net/?t=" + canaryToken}},
		"HTML":        {{Kind: ldapitest.FaultHTML, Status: 400}},
		"broken":      {{Kind: ldapitest.FaultCloseMidBody, Count: -1}},
		"closed":      {{Kind: ldapitest.FaultCloseBeforeResponse, Count: -1}},
		"too slow":    {{Kind: ldapitest.FaultSlowFirstByte, Wait: time.Hour, Count: -1}},
		"long wait":   {{Kind: ldapitest.FaultAbsurdReset}},
		"no JSON":     {{Kind: ldapitest.FaultStatus, Status: 200, Body: canaryToken}},
		"wrong type":  {{Kind: ldapitest.FaultStatus, Status: 200, Body: `{"_id":["` + canaryToken + `"],"items":"` + canaryToken + `"}`}},
		"too large":   {{Kind: ldapitest.FaultStatus, Status: 200, Body: `"` + strings.Repeat(canaryToken, 100) + `"`}},
		"text status": {{Kind: ldapitest.FaultStatus, Status: 418, Body: canaryToken}},
	}
	for _, status := range []int{207, 400, 401, 403, 404, 409, 422, 429, 500} {
		all[fmt.Sprint(status)] = []ldapitest.Fault{{Kind: ldapitest.FaultStatus, Status: status, Body: repeats, Count: -1}}
	}
	return all
}

// secretOperations are all, with the password in the one that accepts it.
func secretOperations() []operation {
	all := operations()
	for i := range all {
		if all[i].id == "postMembers" {
			all[i].call = func(ctx context.Context, c *ldapi.APIClient) (any, error) {
				forms := []ldapi.NewMemberForm{{Email: guestOne, Password: ldapi.PtrString(canaryPassword)}}
				invited, _, err := c.AccountMembersApi.PostMembers(ctx).NewMemberForm(forms).Execute()
				return invited, err
			}
		}
	}
	return all
}

// TestCanary: one token and one password through all operations, and everything that can be printed is printed.
func TestCanary(t *testing.T) {
	t.Parallel()
	for name, faults := range misfortunes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var cage cage
				for _, o := range secretOperations() {
					letFly(t, &cage, o, faults)
				}
				require.NotEmpty(t, cage.text.String())
				require.Contains(t, cage.text.String(), "ldapi attempt", "the SDK's own records")
				for _, hit := range cage.hits() {
					t.Error(hit[:min(len(hit), 600)])
					break
				}
			})
		})
	}
}

// letFly makes one call with the canaries and prints the results.
func letFly(t *testing.T, cage *cage, o operation, faults []ldapitest.Fault) {
	t.Helper()
	server := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
	defer server.Close()
	prepare(server)
	server.AddToken(ldapitest.Token{Secret: canaryToken, Role: "admin", Name: "canary"})
	for _, f := range faults {
		server.Fail(f)
	}
	for i, logger := range cage.loggers() {
		authorize := []ldapi.Option{ldapi.WithAccessToken(canaryToken), ldapi.WithBearerToken(canaryToken)}[i]
		client := server.Client(authorize, ldapi.WithLogger(logger), ldapi.WithMaxResponseBytes(2000), ldapi.WithTimeout(time.Minute),
			ldapi.WithMiddleware(cage.curious), ldapi.WithAttemptMiddleware(cage.curious))
		client.GetConfig().Debug = true
		ctx := ldapi.ContextWithHeader(t.Context(), "X-Request-Id", "5109")
		if i == 1 {
			ctx = ldapi.ContextWithAccessToken(ctx, canaryToken)
		}
		result, err := o.call(ctx, client)
		synctest.Wait() // a context that is printed must be at rest: its timer may still be removing it from its parent
		cage.print(client, *client, client.GetConfig(), ctx, err)
		if _, ok := result.(slog.LogValuer); ok {
			cage.loggers()[0].Info("result", "value", result)
			cage.loggers()[1].Info("result", "value", result)
		}
		var apiErr *ldapi.GenericOpenAPIError
		if errors.As(err, &apiErr) {
			cage.print(*apiErr, apiErr.Operation(), apiErr.RateLimit())
		}
		cage.panics(err, client)
	}
}

// panics prints what a program that panics prints: the value and the stack.
func (c *cage) panics(values ...any) {
	for _, v := range values {
		func() {
			defer func() {
				_, _ = fmt.Fprintf(c, "panic: %v\n%s\n", recover(), debug.Stack())
			}()
			panic(fmt.Sprintf("%v %+v", v, v))
		}()
	}
}

// TestCanaryInOwnPanics: a panic of the caller's transport or middleware goes through with nothing added.
func TestCanaryInOwnPanics(t *testing.T) {
	t.Parallel()
	var cage cage
	for _, o := range secretOperations() {
		for _, option := range []ldapi.Option{
			ldapi.WithTransport(panicking{}),
			ldapi.WithMiddleware(func(ldapi.RoundTrip) ldapi.RoundTrip { return panicking{}.RoundTrip }),
			ldapi.WithAttemptMiddleware(func(ldapi.RoundTrip) ldapi.RoundTrip { return panicking{}.RoundTrip }),
			ldapi.WithTokenSource(func(context.Context) (string, error) { panic("out of order") }),
		} {
			func() {
				defer func() {
					reason := recover()
					require.Equal(t, "out of order", reason)
					_, _ = fmt.Fprintf(&cage, "panic: %v\n%s\n", reason, debug.Stack())
				}()
				client := ldapi.New(ldapi.WithAccessToken(canaryToken), ldapi.WithMaxConcurrency(1), option, ldapi.WithLogger(cage.loggers()[0]))
				_, _ = o.call(t.Context(), client)
			}()
		}
	}
	require.Empty(t, cage.hits())
}

type panicking struct{}

func (panicking) RoundTrip(*http.Request) (*http.Response, error) { panic("out of order") }
