// Package brake makes all goroutines of a client wait for what one of them was told: a quota that is used up, too many
// requests at once. It knows the server only by its responses.
package brake

import (
	"context"
	"errors"
	"hash/maphash"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// ErrDeadline is a wait that did not begin because it would outlast the deadline of its context.
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

// Brake holds attempts back. Its zero value is not ready; New makes one.
type Brake struct {
	mu      sync.Mutex
	seed    maphash.Seed
	gates   map[Key]*gate
	running int       // attempts under way
	queue   []*waiter // who waits, in the order of their coming
	alarm   time.Time // when the queue is looked at again; zero when nothing is due
}

// waiter is an attempt that waits. Whoever takes it out of the queue says what became of it, and closes settled.
type waiter struct {
	keys     *Keys
	most     int
	deadline time.Time // zero when there is none
	settled  chan struct{}
	until    time.Time
	err      error
}

const maxGates = 1000

// New returns a Brake that knows nothing yet.
func New() *Brake { return &Brake{seed: maphash.MakeSeed()} }

// Keys gives the keys of an attempt. The credential is not kept.
func (b *Brake) Keys(scheme, host, credential, method, route string) Keys {
	k := Key{Scheme: scheme, Host: host, Credential: maphash.String(b.seed, credential)}
	byRoute, byToken := k, k
	byRoute.Route, byRoute.Method, byToken.OfToken = route, method, true
	return Keys{byRoute, k, byToken}
}

// Acquire waits until an attempt may go out: fewer than most are under way (0: any number), and no quota of keys (nil:
// none) is used up. It holds nothing while it waits; who came first goes first. A wait that would outlast the deadline of
// ctx does not begin, or does not go on: it fails with ErrDeadline, and until is when it would have ended.
func (b *Brake) Acquire(ctx context.Context, keys *Keys, most int) (until time.Time, err error) {
	b.mu.Lock()
	b.settle()
	if most <= 0 || b.running < most { // most attempts need not queue
		if _, open := b.open(keys, time.Now()); open {
			b.enter(keys)
			b.mu.Unlock()
			return time.Time{}, nil
		}
	}
	w := &waiter{keys: keys, most: most, settled: make(chan struct{})}
	w.deadline, _ = ctx.Deadline()
	b.queue = append(b.queue, w)
	b.settle()
	b.mu.Unlock()
	select {
	case <-w.settled:
	case <-ctx.Done():
		b.leave(w, ctx.Err())
	}
	return w.until, w.err
}

// leave takes w out of the queue, unless it is settled already.
func (b *Brake) leave(w *waiter, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.queue, w); i >= 0 {
		b.queue = slices.Delete(b.queue, i, i+1)
		w.err = err
	}
}

// settle lets out everybody in the queue who may go, in the order of their coming, turns away who would have to wait too
// long, and sees to it that the queue is looked at again when the next quota comes back.
func (b *Brake) settle() {
	if len(b.queue) == 0 {
		return
	}
	now := time.Now()
	var next, shutUntil time.Time
	var shut *Keys // what the last one waits for who has to go on waiting: many wait for the same
	b.queue = slices.DeleteFunc(b.queue, func(w *waiter) bool {
		if w.most > 0 && b.running >= w.most {
			return false
		}
		until, open := shutUntil, false
		if shut == nil || w.keys == nil || *w.keys != *shut {
			until, open = b.open(w.keys, now)
		}
		switch {
		case open:
			b.enter(w.keys)
		case !w.deadline.IsZero() && until.After(w.deadline):
			w.until, w.err = until, ErrDeadline
		default:
			if next.IsZero() || !until.IsZero() && until.Before(next) {
				next = until
			}
			shut, shutUntil = w.keys, until
			return false
		}
		close(w.settled)
		return true
	})
	if !next.IsZero() && (b.alarm.IsZero() || next.Before(b.alarm)) {
		b.alarm = next
		time.AfterFunc(next.Sub(now), b.ring) // an earlier alarm that is overtaken rings for nothing
	}
}

func (b *Brake) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.alarm = time.Time{}
	b.settle()
}

// open reports whether the quotas let an attempt go out, and if not, when that may change by itself; zero when only a
// response changes it.
func (b *Brake) open(keys *Keys, now time.Time) (until time.Time, open bool) {
	open = true
	if keys == nil {
		return until, open
	}
	for _, key := range keys {
		if free, next := b.gate(key).free(now); free <= 0 {
			open = false
			if next.After(until) {
				until = next
			}
		}
	}
	return until, open
}

// gate gives the gate of a quota; there is always one. Gates that say nothing any more make room for it.
func (b *Brake) gate(key Key) *gate {
	if g := b.gates[key]; g != nil {
		return g
	}
	if len(b.gates) >= maxGates {
		now := time.Now()
		for k, g := range b.gates {
			if g.inFlight == 0 && !now.Before(g.reset) {
				delete(b.gates, k)
			}
		}
	}
	if b.gates == nil {
		b.gates = make(map[Key]*gate)
	}
	g := new(gate)
	b.gates[key] = g
	return g
}

func (b *Brake) enter(keys *Keys) {
	b.running++
	if keys != nil {
		for _, key := range keys {
			b.gate(key).inFlight++
		}
	}
}

// Release ends an attempt that Acquire let out.
func (b *Brake) Release(keys *Keys) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running--
	if keys != nil {
		for _, key := range keys {
			b.gate(key).inFlight-- // a gate in use is never deleted
		}
	}
	b.settle()
}

// Learn takes in what the response of an attempt says of its quotas, before the attempt is released. Resets from horizon
// on are not believed: nobody waits for them.
func (b *Brake) Learn(keys *Keys, quotas [3]Quota, refused bool, now, horizon time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, q := range quotas {
		usedUp := q.Remaining != nil && *q.Remaining <= 0
		switch g := b.gate(keys[i]); {
		case q.Remaining != nil && q.Reset.After(now) && q.Reset.Before(horizon):
			g.told(q, refused && usedUp, slack(q.Reset.Sub(now)))
		case !refused && !usedUp:
			g.burst = oneMore(g.burst) // no window to wait for: each response lets one more through
		}
	}
}

// slack keeps a gate shut a little beyond the told reset: clocks are not that exact, and other clients wake too.
func slack(window time.Duration) time.Duration {
	return 2*time.Millisecond + rand.N(min(window/100, 100*time.Millisecond)+1)
}

// UnderWay tells how many attempts are under way.
func (b *Brake) UnderWay() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.running
}

// Known tells how many quotas are known.
func (b *Brake) Known() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.gates)
}
