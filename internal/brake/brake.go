// Package brake makes all goroutines of a client wait together when a response reports that a quota is used up or that
// there were too many requests. Its knowledge of the server comes from responses only.
package brake

import (
	"context"
	"errors"
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"time"
)

// ErrDeadline means that an attempt was not sent because it would have to wait beyond the deadline of its context.
var ErrDeadline = errors.New("the wait would outlast the deadline")

// Key names a quota: of a route, of all routes (Route is empty), or of the token itself.
type Key struct {
	Scheme, Host  string
	Credential    uint64 // a hash: the brake outlives tokens
	Method, Route string
	OfToken       bool
}

// Keys are the quotas that an attempt counts against: of its route, of all routes, of its token.
type Keys [3]Key

// A Brake delays attempts. Its zero value is not ready for use; call [New].
//
// An attempt that cannot be sent waits in the line of one gate that is shut. When that opens, it moves on to the next gate
// that is shut, or becomes ready. A change of a gate affects its own queue only, so the cost of an attempt does not
// depend on how many others wait for something else.
type Brake struct {
	mu      sync.Mutex
	seed    maphash.Seed
	gates   map[Key]*gate
	full    int    // number of gates at which idle ones are deleted
	arrived uint64 // attempts that had to wait so far
	running int    // attempts in flight
	ready   queue  // attempts that wait for nothing but the concurrency limit
}

const minGates = 1000 // are kept, idle or not

// New returns a [Brake] that does not know any quota.
func New() *Brake {
	return &Brake{seed: maphash.MakeSeed(), full: minGates}
}

// Keys returns the keys of an attempt. The credential is not kept.
func (b *Brake) Keys(scheme, host, credential, method, route string) Keys {
	k := Key{Scheme: scheme, Host: host, Credential: maphash.String(b.seed, credential)}
	byRoute, byToken := k, k
	byRoute.Route, byRoute.Method, byToken.OfToken = route, method, true
	return Keys{byRoute, k, byToken}
}

// Acquire waits until an attempt may be sent: fewer than most attempts are in flight (0 for no limit; it is the same for all
// attempts), and none of the quotas that keys name is used up (nil for none). Attempts are sent in the order of their
// arrival, except that one that waits for a quota does not hold back those that do not count against it. A quota that is
// used up for longer than maxWait is not waited for.
//
// If a window ends after the deadline of ctx, Acquire does not wait for it, or stops waiting: it returns [ErrDeadline] and the
// end of the window.
func (b *Brake) Acquire(ctx context.Context, keys *Keys, most int, maxWait time.Duration) (until time.Time, err error) {
	w := b.arrive(ctx, keys, most, maxWait)
	if w == nil {
		return until, nil
	}
	select {
	case <-w.settled:
	case <-ctx.Done():
		b.leave(w, ctx.Err())
	}
	return w.until, w.err
}

// arrive admits an attempt at once if it does not have to wait, which is the usual case. Otherwise it returns the waiter.
func (b *Brake) arrive(ctx context.Context, keys *Keys, most int, maxWait time.Duration) *waiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	attempt := waiter{most: most, maxWait: maxWait}
	if keys != nil {
		for i, key := range keys {
			g := b.gate(key, now)
			g.users++
			attempt.gates[i] = g
			b.advance(g, now) // if its window has just ended, earlier attempts go first
		}
		b.settle(now)
	}
	if len(b.ready) == 0 && attempt.fits(b.running) && attempt.shut(now) == nil {
		b.enter(&attempt)
		return nil
	}
	w := new(waiter)
	*w = attempt
	w.deadline, _ = ctx.Deadline()
	w.settled = make(chan struct{})
	b.arrived++
	w.turn = b.arrived
	if !b.detain(w, now) {
		b.ready.add(w)
	}
	b.settle(now)
	return w
}

func (b *Brake) enter(w *waiter) {
	b.running++
	for _, g := range w.quotas() {
		g.inFlight++
	}
}

// leave takes w out of its queue, unless it is already settled.
func (b *Brake) leave(w *waiter, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w.queue == nil {
		return
	}
	now := time.Now()
	w.queue.remove(w)
	b.refuse(w, time.Time{}, err)
	if g := w.gate; g != nil {
		if g.ready == w {
			g.ready = nil
		}
		b.advance(g, now)
	}
	b.settle(now)
}

// settle sends the attempts that are ready, within the concurrency limit.
func (b *Brake) settle(now time.Time) {
	for len(b.ready) > 0 && b.ready[0].fits(b.running) {
		w := b.ready.next()
		from := w.gate
		if from != nil {
			from.ready, w.gate = nil, nil
		}
		if !b.detain(w, now) { // its gates may have shut in the meantime
			b.enter(w)
			close(w.settled)
		}
		if from != nil {
			b.advance(from, now)
		}
	}
}

// detain puts w into the line of the gate that it has to wait for, or turns it away if it cannot wait that long. It reports
// false if all gates are open.
func (b *Brake) detain(w *waiter, now time.Time) bool {
	g := w.shut(now)
	switch {
	case g == nil:
		return false
	case g.outlasts(w, now):
		b.refuse(w, g.opens, ErrDeadline)
	default:
		w.gate = g
		g.join(w)
		b.watch(g, now)
	}
	return true
}

// refuse settles w, which is in no queue, with an error.
func (b *Brake) refuse(w *waiter, until time.Time, err error) {
	for _, g := range w.quotas() {
		g.users--
	}
	w.until, w.err = until, err
	close(w.settled)
}

// advance does what has become due in the line of g. It is called after each change of g, and settle after it.
func (b *Brake) advance(g *gate, now time.Time) {
	switch {
	case len(g.waiting) == 0:
	case g.free(now) <= 0:
		for _, w := range g.dismiss(now) {
			if !b.detain(w, now) {
				b.ready.add(w)
			}
		}
	case g.ready == nil || g.waiting[0].turn < g.ready.turn:
		if g.ready != nil {
			g.ready.gate = nil // an earlier attempt has come from another line
		}
		g.ready = g.waiting.next()
		b.ready.add(g.ready)
	}
	b.watch(g, now)
}

// watch sets the timer of g, or stops it if nothing waits for g to open.
func (b *Brake) watch(g *gate, now time.Time) {
	var next time.Time
	if len(g.waiting) > 0 && g.free(now) <= 0 {
		next = g.changes(now)
	}
	switch {
	case next.Equal(g.rings):
		return
	case next.IsZero():
		g.timer.Stop()
	case g.timer == nil:
		g.timer = time.AfterFunc(next.Sub(now), func() { b.ring(g) })
	default:
		g.timer.Reset(next.Sub(now))
	}
	g.rings = next
}

func (b *Brake) ring(g *gate) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	g.rings = time.Time{}
	b.advance(g, now)
	b.settle(now)
}

// gate returns the gate of a quota, creating it if necessary. Idle gates are deleted whenever the number of gates has doubled
// since the last time, which keeps the average cost constant.
func (b *Brake) gate(key Key, now time.Time) *gate {
	if g := b.gates[key]; g != nil {
		return g
	}
	if len(b.gates) >= b.full {
		for k, g := range b.gates {
			if g.idle(now) {
				delete(b.gates, k)
			}
		}
		b.full = max(minGates, 2*len(b.gates))
	}
	if b.gates == nil {
		b.gates = make(map[Key]*gate)
	}
	g := new(gate)
	b.gates[key] = g
	return g
}

// Release ends an attempt that [Brake.Acquire] admitted.
func (b *Brake) Release(keys *Keys) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.running--
	if keys != nil {
		for _, key := range keys {
			g := b.gates[key] // not deleted: it has a user
			g.inFlight--
			g.users--
			b.advance(g, now)
		}
	}
	b.settle(now)
}

// Learn records what a response that was received at now reports about the quotas of its attempt; call it before [Brake.Release].
// A window that ends after more than maxWait is ignored: attempts are not held back for it.
func (b *Brake) Learn(keys *Keys, quotas [3]Quota, refused bool, now time.Time, maxWait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, q := range quotas {
		usedUp := q.UsedUp()
		g, window := b.gate(keys[i], now), q.Reset.Sub(now)
		switch {
		case q.Remaining != nil && window > 0 && window < maxWait:
			q.Reset = now.Add(window) // on the monotonic clock, in case the wall clock is set
			g.report(q, refused && usedUp, now, slack(window), min(patience, maxWait))
		case !refused && !usedUp:
			g.silence(now)
		}
		b.advance(g, now)
	}
	b.settle(now)
}

// slack returns how long a gate stays shut after the end of a window: clocks differ, and other clients wake up too.
func slack(window time.Duration) time.Duration {
	return 2*time.Millisecond + rand.N(min(window/100, 100*time.Millisecond)+1)
}
