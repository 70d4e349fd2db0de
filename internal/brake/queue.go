package brake

import (
	"container/heap"
	"time"
)

// A waiter is an attempt that has not been sent. It is in exactly one queue until it is settled.
type waiter struct {
	turn     uint64   // position in the order of arrival
	gates    [3]*gate // nil if it does not count against any quota
	most     int
	maxWait  time.Duration
	deadline time.Time // zero if there is none
	queue    *queue    // nil once it is settled
	index    int       // in queue
	gate     *gate     // the gate whose line it is in, or was in before it became ready; may be nil
	settled  chan struct{}
	until    time.Time
	err      error
}

func (w *waiter) quotas() []*gate {
	if w.gates[0] == nil {
		return nil
	}
	return w.gates[:]
}

// fits reports whether the concurrency limit admits w while that many attempts are in flight.
func (w *waiter) fits(running int) bool { return w.most <= 0 || running < w.most }

// shut returns the gate that w has to wait for at now, or nil if there is none. If several gates are shut, it is the one
// whose window ends last. A gate that may stay shut for longer than w is willing to wait does not hold it.
func (w *waiter) shut(now time.Time) *gate {
	var last *gate
	for _, g := range w.quotas() {
		if g.free(now) <= 0 && g.wait(now) <= w.maxWait && (last == nil || g.opens.After(last.opens)) {
			last = g
		}
	}
	return last
}

// outlasts reports whether the window of g ends after the deadline of w.
func (g *gate) outlasts(w *waiter, now time.Time) bool {
	return !w.deadline.IsZero() && now.Before(g.opens) && g.opens.After(w.deadline)
}

// queue is a heap of waiters in the order of their arrival: those that may be sent are not always the last to have come.
type queue []*waiter

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].turn < q[j].turn }

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push implements [heap.Interface]. Use add instead.
func (q *queue) Push(x any) {
	w := x.(*waiter)
	w.queue, w.index = q, len(*q)
	*q = append(*q, w)
}

// Pop implements [heap.Interface].
func (q *queue) Pop() any {
	last := len(*q) - 1
	w := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	w.queue = nil
	return w
}

func (q *queue) add(w *waiter)    { heap.Push(q, w) }
func (q *queue) next() *waiter    { return heap.Pop(q).(*waiter) }
func (q *queue) remove(w *waiter) { heap.Remove(q, w.index) }

// A line is what waits for one gate. When the gate opens, one waiter after another is moved from its queue to the queue of
// those that are ready; the next one follows when that one has been sent. So a gate that opens for few attempts costs no
// more than these, however many wait, and the concurrency limit holds back one waiter of each gate, not all of them.
type line struct {
	waiting  queue
	ready    *waiter       // the waiter that was moved and has not been sent
	earliest time.Time     // no deadline in waiting is before it; zero if there is none
	shortest time.Duration // no maxWait in waiting is below it
	timer    *time.Timer
	rings    time.Time // when the timer fires; zero if it is stopped
}

// join puts w into the line.
func (l *line) join(w *waiter) {
	l.waiting.add(w)
	l.bound(w)
}

// bound lowers the bounds of the line to those of w, which has just joined it.
func (l *line) bound(w *waiter) {
	if len(l.waiting) == 1 {
		l.earliest, l.shortest = w.deadline, w.maxWait
		return
	}
	if l.earliest.IsZero() || !w.deadline.IsZero() && w.deadline.Before(l.earliest) {
		l.earliest = w.deadline
	}
	l.shortest = min(l.shortest, w.maxWait)
}

// dismiss removes and returns the waiters that g, which is shut, must not hold any longer: its window ends after their
// deadline or is longer than they are willing to wait. It looks at them only if there can be any.
func (g *gate) dismiss(now time.Time) []*waiter {
	late := !g.earliest.IsZero() && now.Before(g.opens) && g.opens.After(g.earliest)
	if !late && g.wait(now) <= g.shortest {
		return nil
	}
	var dismissed []*waiter
	all := g.waiting
	g.waiting = nil
	for _, w := range all {
		if g.outlasts(w, now) || g.wait(now) > w.maxWait {
			w.queue, w.gate = nil, nil
			dismissed = append(dismissed, w)
		} else {
			g.join(w)
		}
	}
	return dismissed
}
