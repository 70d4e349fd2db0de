package ldapi

import (
	"context"
	"hash/maphash"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// brake makes all goroutines of a client wait for what one of them was told: a quota that is used up, too many calls at
// once. It knows the server only by its responses.
type brake struct {
	mu      sync.Mutex
	seed    maphash.Seed
	gates   map[gateKey]*gate
	running int           // attempts under way, for the concurrency cap
	waiting int           // goroutines that wait
	changed chan struct{} // closed when something changed that they may wait for
	last    RateLimit
}

// gateKey names a quota: of a route, of all routes (route is empty), or of the token itself.
type gateKey struct {
	scheme, host string
	credential   uint64 // a hash: the brake outlives tokens
	route        string
	method       string
	ofToken      bool
}

// gateKeys are the quotas that an attempt counts against, in the order of RateLimit.quotas.
type gateKeys [3]gateKey

const maxGates = 1000

func newBrake() *brake {
	return &brake{seed: maphash.MakeSeed(), gates: make(map[gateKey]*gate), changed: make(chan struct{})}
}

func (b *brake) keys(u *url.URL, credential *secret, op Operation) gateKeys {
	k := gateKey{scheme: u.Scheme, host: u.Host}
	if credential != nil {
		k.credential = maphash.String(b.seed, credential.value)
	}
	byRoute, byToken := k, k
	byRoute.route, byRoute.method, byToken.ofToken = op.Route, op.Method, true
	return gateKeys{byRoute, k, byToken}
}

// gate is one quota. As long as nothing is known of it, it lets everything through. In a window that a response told of
// it lets through what that said is left; when the window is over, and until the first response of the next one, as much
// as a window is known to hold.
type gate struct {
	known    bool
	reset    time.Time // when the window is over; zero between windows
	left     int64     // the least that a response of the window said is left
	capacity int64     // what a window holds, as far as known
	burst    int64     // what may go out between windows
	refused  bool      // there was a 429 in the window
	inFlight int64
}

// free tells how many attempts may go out at now, and when that changes by itself; zero when only a response changes it.
func (g *gate) free(now time.Time) (int64, time.Time) {
	if !g.known {
		return 1, time.Time{}
	}
	if !g.reset.IsZero() && !now.Before(g.reset) {
		g.reset, g.burst = time.Time{}, max(1, g.capacity)
		if g.refused {
			g.burst = max(1, g.capacity/2) // others take from the quota too
		}
		g.refused = false
	}
	if g.reset.IsZero() {
		return g.burst - g.inFlight, time.Time{}
	}
	return g.left - g.inFlight, g.reset
}

// told takes in what a response says of the quota. The gate opens slack after the told reset.
func (g *gate) told(q Quota, refused bool, slack time.Duration) {
	left, opens := max(0, *q.Remaining), q.Reset.Add(slack)
	if !g.known || g.reset.IsZero() || q.Reset.After(g.reset) {
		g.known, g.reset, g.left = true, opens, left
	}
	g.left = min(g.left, left)
	g.refused = g.refused || refused
	if !refused {
		g.capacity = max(g.capacity, left+1)
	}
	if q.Limit != nil && *q.Limit > 0 {
		g.capacity = *q.Limit
	}
}

// acquire waits until an attempt may go out: fewer than most are under way (0: any number), and no quota of keys (nil:
// none) is used up. It holds nothing while it waits. A wait that would outlast the deadline of ctx does not begin: until
// is when it would have ended.
func (b *brake) acquire(ctx context.Context, keys *gateKeys, most int) (until time.Time, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		now := time.Now()
		until, open := b.open(keys, most, now)
		if open {
			b.enter(keys, now)
			return time.Time{}, nil
		}
		if deadline, ok := ctx.Deadline(); ok && until.After(deadline) {
			return until, ErrRateLimited
		}
		if err := b.wait(ctx, until); err != nil {
			return time.Time{}, err
		}
	}
}

func (b *brake) open(keys *gateKeys, most int, now time.Time) (until time.Time, open bool) {
	open = most <= 0 || b.running < most
	if keys == nil {
		return until, open
	}
	for _, key := range keys {
		if free, next := b.gate(key, now).free(now); free <= 0 {
			open = false
			if next.After(until) {
				until = next
			}
		}
	}
	return until, open
}

// gate gives the gate of a quota; there is always one. Gates that say nothing any more make room for it.
func (b *brake) gate(key gateKey, now time.Time) *gate {
	if g := b.gates[key]; g != nil {
		return g
	}
	if len(b.gates) >= maxGates {
		for k, g := range b.gates {
			if g.inFlight == 0 && !now.Before(g.reset) {
				delete(b.gates, k)
			}
		}
	}
	g := new(gate)
	b.gates[key] = g
	return g
}

// wait lets go of the lock until something changes.
func (b *brake) wait(ctx context.Context, until time.Time) error {
	changed := b.changed
	b.waiting++
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.waiting--
	}()
	var alarm <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-alarm:
	case <-changed:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (b *brake) enter(keys *gateKeys, now time.Time) {
	b.running++
	if keys != nil {
		for _, key := range keys {
			b.gate(key, now).inFlight++
		}
	}
}

// release ends an attempt that acquire let out.
func (b *brake) release(keys *gateKeys) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running--
	if keys != nil {
		for _, key := range keys {
			b.gates[key].inFlight-- // a gate in use is never deleted
		}
	}
	b.wake()
}

// learn takes in what a response says of the quotas, before its attempt is released. Resets from horizon on are not
// believed: nobody waits for them.
func (b *brake) learn(keys *gateKeys, resp *http.Response, now, horizon time.Time) {
	var limit RateLimit
	tells := tellsLimit(resp.Header)
	if tells {
		limit = parseRateLimit(resp.Header, now)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if tells {
		b.last = limit
	}
	if keys == nil {
		return
	}
	refused := resp.StatusCode == statusRateLimited
	for i, q := range limit.quotas(refused, now) {
		switch g := b.gate(keys[i], now); {
		case q.Remaining != nil && q.Reset.After(now) && q.Reset.Before(horizon):
			g.told(q, refused && *q.Remaining <= 0, openingSlack(q.Reset.Sub(now)))
		case !refused && !q.usedUp():
			g.burst++ // no window to wait for: each response lets one more through
		}
	}
}

// openingSlack keeps a gate shut a little beyond the told reset: clocks are not that exact, and other clients wake too.
func openingSlack(window time.Duration) time.Duration {
	return 2*time.Millisecond + jitter(min(window/100, 100*time.Millisecond))
}

// wake has those that wait look again.
func (b *brake) wake() {
	if b.waiting > 0 {
		close(b.changed)
		b.changed = make(chan struct{})
	}
}

// lastLimit gives what the last response said that said anything of quotas.
func (b *brake) lastLimit() RateLimit {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
}
