package ldapitest

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// quotas counts requests in fixed windows. The account and its routes share one window, as they share one reset header;
// each token has its own.
type quotas struct {
	cfg    *config
	mu     sync.Mutex
	end    time.Time      // of the shared window
	global int            // requests in it
	routes map[string]int // requests in it, by verb and pattern
	tokens map[string]*tokenUse
}

type tokenUse struct {
	end   time.Time
	count int
}

func newQuotas(cfg *config) *quotas {
	q := &quotas{cfg: cfg}
	q.reset()
	return q
}

func (q *quotas) reset() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.end, q.global = time.Time{}, 0
	q.routes, q.tokens = map[string]int{}, map[string]*tokenUse{}
}

// take counts a request, unless a quota is used up, and writes the headers of all quotas that apply.
func (q *quotas) take(route, tokenID string, now time.Time, h http.Header) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.roll(tokenID, now)
	token, tokenLimit := q.tokens[tokenID], q.cfg.tokenLimit
	if tokenID == "" { // an operation without credential
		tokenLimit = 0
	}
	ok := within(q.global, q.cfg.globalLimit) && within(q.routes[route], q.cfg.routeLimit) && within(token.count, tokenLimit)
	if ok {
		q.global++
		q.routes[route]++
		token.count++
	}
	writeQuota(h, "Global", q.cfg.globalLimit, q.global)
	writeQuota(h, "Route", q.cfg.routeLimit, q.routes[route])
	writeQuota(h, "Auth-Token", tokenLimit, token.count)
	if q.cfg.globalLimit > 0 || q.cfg.routeLimit > 0 {
		h.Set("X-Ratelimit-Reset", strconv.FormatInt(q.end.UnixMilli(), 10))
	}
	if tokenLimit > 0 {
		h.Set("X-Ratelimit-Auth-Token-Reset", strconv.FormatInt(token.end.UnixMilli(), 10))
	}
	return ok
}

// roll opens a new window where the last one has ended.
func (q *quotas) roll(tokenID string, now time.Time) {
	if !now.Before(q.end) {
		q.end, q.global = now.Add(q.cfg.window), 0
		clear(q.routes)
	}
	if token := q.tokens[tokenID]; token == nil || !now.Before(token.end) {
		q.tokens[tokenID] = &tokenUse{end: now.Add(q.cfg.tokenWindow)}
	}
}

func within(used, limit int) bool { return limit == 0 || used < limit }

func writeQuota(h http.Header, name string, limit, used int) {
	if limit > 0 {
		h.Set("X-Ratelimit-"+name+"-Limit", strconv.Itoa(limit))
		h.Set("X-Ratelimit-"+name+"-Remaining", strconv.Itoa(limit-used))
	}
}
