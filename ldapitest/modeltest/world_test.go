package modeltest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// world is the server, the model, and how they got where they are.
type world struct {
	t        *testing.T
	seed     uint64
	rng      *rand.Rand
	clock    *clock
	server   *ldapitest.Server
	client   *ldapi.APIClient
	model    *account
	known    map[string]known // members as they were after the last step
	unused   func()           // undoes the use of the caller's token
	by       *caller          // of the step
	writes   int              // successful calls of the step that write
	entries  int              // of the audit log before the step
	last     string           // the account before the step
	created  int              // roles and teams, for their keys
	steps    []string
	statuses map[string]int // how often each outcome was met: "getToken 404"
}

type known struct {
	text    string
	version int
}

// clock is moved by the world and read by the server.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return c.at
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := &world{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 0)), known: map[string]known{}, statuses: map[string]int{}}
	w.clock = &clock{at: time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)}
	w.server = ldapitest.NewTestServer(t, ldapitest.WithInMemory(), ldapitest.WithClock(w.clock.now), ldapitest.WithSeed(seed))
	w.server.AddTeam(ldapitest.Team{Key: crew, CustomRoleKeys: []string{ldapitest.PeopleManagerRoleKey}})
	w.client = w.server.Client(ldapi.WithRetry(ldapi.NoRetry()), ldapi.WithStrictDecoding(), ldapi.WithTransport(w))
	w.model = &account{now: w.clock.now(), inactive: map[string]bool{}, maintains: map[string][]string{}}
	for _, r := range w.server.Roles() {
		w.model.roles = append(w.model.roles, storedRole(r))
	}
	for _, t := range w.server.Teams() {
		w.model.groups = append(w.model.groups, storedTeam(t))
	}
	for _, m := range w.server.Members() {
		w.model.members = append(w.model.members, storedMember(m))
		w.known[m.ID] = known{storedMember(m).String(), m.Version}
	}
	for _, t := range w.server.Tokens() {
		w.model.tokens = append(w.model.tokens, storedToken(t))
	}
	w.last = w.state()
	return w
}

// RoundTrip checks that secrets are in the responses of two operations only.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.server.Transport().RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	op, _ := ldapi.OperationFromContext(req.Context())
	shown := (op.ID == "postToken" || op.ID == "resetToken") && resp.StatusCode < 300
	if has := bytes.Contains(body, []byte(`"api-`)); has != shown {
		w.fail("%s %d: a full secret in the answer: %t, want %t", op.ID, resp.StatusCode, has, shown)
	}
	w.statuses[fmt.Sprint(op.ID, " ", resp.StatusCode)]++
	search := strings.HasPrefix(op.ID, "postAuditLog")
	if op.Method != http.MethodGet && !search && resp.StatusCode < 300 && resp.StatusCode != http.StatusMultiStatus {
		w.writes++
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, err
}

// fail ends the test with all that is needed to see it again.
func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s\nseed %d, step %d; to repeat: go test ./ldapitest/modeltest -seed %d -steps %d\n%s",
		fmt.Sprintf(format, args...), w.seed, len(w.steps), w.seed, len(w.steps), strings.Join(w.steps, "\n"))
}

// note adds a line about the current step to the history.
func (w *world) note(format string, args ...any) {
	w.steps[len(w.steps)-1] += fmt.Sprintf(" "+format, args...)
}

// step does something, and compares everything.
func (w *world) step() {
	w.t.Helper()
	w.steps, w.writes = append(w.steps, fmt.Sprintf("%d.", len(w.steps)+1)), 0
	if w.chance(30) {
		w.model.now = w.clock.advance(time.Millisecond)
	}
	total := 0
	for _, a := range actions {
		total += a.weight
	}
	n := w.rng.IntN(total)
	for _, a := range actions {
		if n -= a.weight; n < 0 {
			w.note("%s", a.name)
			a.run(w)
			break
		}
	}
	w.checkInvariants()
	w.compare()
	w.checkRoles()
	w.checkAudit()
}

// verdict is what a call must come to: success, or an error with one of the statuses. A call that is wrong in several
// ways may be refused for any of them.
type verdict struct{ statuses []int }

func (v *verdict) when(wrong bool, statuses ...int) {
	if wrong {
		v.statuses = append(v.statuses, statuses...)
	}
}

func (v *verdict) add(others ...verdict) {
	for _, o := range others {
		v.statuses = append(v.statuses, o.statuses...)
	}
}

// is reports whether there is one thing wrong, and it is this.
func (v *verdict) is(status int) bool { return len(v.statuses) == 1 && v.statuses[0] == status }

// expect compares the end of a call with the verdict, and reports whether the call was a success.
func (w *world) expect(v verdict, err error) bool {
	w.t.Helper()
	if err == nil {
		w.note("-> ok")
		if len(v.statuses) > 0 {
			w.fail("success, want one of the statuses %v", v.statuses)
		}
		return true
	}
	var argument *ldapi.ArgumentError
	if errors.As(err, &argument) && slices.Contains(v.statuses, http.StatusBadRequest) {
		w.note("-> %v", err) // the client detects what the server would reject, and sends nothing
		w.unused()
		return false
	}
	var e *ldapi.GenericOpenAPIError
	if !errors.As(err, &e) || !slices.Contains(v.statuses, e.StatusCode()) {
		w.fail("%v, want success or one of the statuses %v", err, v.statuses)
	}
	if (e.Code() == "" || e.Message() == "") && e.StatusCode() != http.StatusMultiStatus {
		w.fail("%v has no code or no message", err)
	}
	w.note("-> %s", e.Error())
	return false
}

// as chooses the caller of the next call. Without a caller the secret is invalid, and the call must end with 401.
func (w *world) as() (context.Context, *caller, verdict) {
	secret := w.secret()
	c := w.model.callerOf(secret)
	w.by = c
	var v verdict
	switch {
	case c == nil:
		w.note("by a dead secret,")
		v.when(true, http.StatusUnauthorized)
	case c.member == nil:
		w.note("by service token %s (power %b),", c.token.ID, c.power)
	default:
		w.note("by %s, member %s (power %b),", c.token.ID, c.member.ID, c.power)
	}
	w.unused = func() {}
	if c != nil {
		t, before := c.token, c.token.LastUsed
		t.LastUsed, w.unused = w.model.millis(), func() { t.LastUsed = before }
	}
	return ldapi.ContextWithAccessToken(w.t.Context(), secret), c, v
}

// secret is one of the powerful ones as a rule, any one that opens a token, or one that opens nothing.
func (w *world) secret() string {
	switch n := w.rng.IntN(100); {
	case n < 60:
		return ldapitest.OwnerToken
	case n < 65:
		return ldapitest.AdminToken
	case n < 70:
		return ldapitest.ServiceToken
	case n < 94:
		return pick(w, w.model.tokens).Secret
	case n < 96 && len(w.model.old) > 0:
		return pick(w, w.model.old).secret
	case n < 98 && len(w.model.dead) > 0:
		return pick(w, w.model.dead)
	case n < 99:
		return "Bearer " + ldapitest.WriterToken + "x"
	}
	return ldapitest.ReaderToken
}

func pick[T any](w *world, items []T) T { return items[w.rng.IntN(len(items))] }

func (w *world) chance(percent int) bool { return w.rng.IntN(100) < percent }

// memberID is that of a member, mostly.
func (w *world) memberID() string {
	switch {
	case w.chance(3):
		return "0123456789abcdef01234567"
	case w.chance(2):
		return "größe/../.. ?#%2F" // sent as one segment
	}
	return pick(w, w.model.members).ID
}

// tokenID is that of a token, mostly.
func (w *world) tokenID() string {
	if w.chance(4) {
		return "0123456789abcdef01234567"
	}
	return pick(w, w.model.tokens).ID
}
