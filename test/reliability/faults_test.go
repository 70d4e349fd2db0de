package reliability_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// fromEnv reads a number that may be set for longer or different runs.
func fromEnv(t *testing.T, name string, otherwise int) int {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	require.NoError(t, err, name)
	return n
}

// tally counts outcomes of runs.
type tally struct {
	mu      sync.Mutex
	counts  map[string]int
	retries int
}

func (c *tally) add(outcome string, attempts int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[outcome]++
	c.retries += attempts - 1
}

// TestFaultInjection: calls of all operations, each attempt of which may fail at any stage. Nothing is carried out
// twice, and each call ends with the right result or with an error that reports that the outcome is unknown.
//
// LDAPI_FAULT_RUNS is the number of calls (1,000 by default), LDAPI_FAULT_SEED the start of the random numbers.
func TestFaultInjection(t *testing.T) {
	t.Parallel()
	runs, seed := fromEnv(t, "LDAPI_FAULT_RUNS", 1000), uint64(fromEnv(t, "LDAPI_FAULT_SEED", 1))
	const shards = 4
	var outcomes tally
	t.Run("shards", func(t *testing.T) {
		for shard := range shards {
			t.Run(strconv.Itoa(shard), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
					for run := shard; run < runs; run += shards {
						injectFaults(t, server, seed, run, &outcomes)
						server.Reset()
					}
				})
			})
		}
	})
	t.Logf("seed %d, %d calls, %d repeats: %v", seed, runs, outcomes.retries, outcomes.counts)
}

// injectFaults makes one call. The first fault goes through all operations and stages in turn, the others are random.
func injectFaults(t *testing.T, server *ldapitest.Server, seed uint64, run int, outcomes *tally) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, uint64(run)))
	all, ops := stages(), operations()
	o := ops[run%len(ops)]
	plan := []stage{all[run/len(ops)%len(all)]}
	for len(plan) < 4 && random.IntN(3) > 0 {
		plan = append(plan, all[random.IntN(len(all))])
	}
	prepare(server)
	chaos := newChaos(server, plan, random.IntN(2) == 0)
	defer chaos.base.CloseIdleConnections()
	result, err := o.call(t.Context(), server.Client(ldapi.WithTransport(chaos)))
	server.ClearFaults()
	synctest.Wait() // the server has finished

	name := fmt.Sprintf("seed %d, run %d: %s %q: %v", seed, run, o.id, chaos.names(), err)
	want := due(o, plan, 4)
	require.Len(t, chaos.applied, len(want), name)
	last := want[len(want)-1]
	deletedBefore := count(want[:len(want)-1], func(s stage) bool { return s.ran }) > 0
	works := last.works || o.method == http.MethodDelete && last.tellsDeletion(deletedBefore)
	require.Equal(t, works, err == nil, name)
	requireOutcome(t, name, o, server, chaos, err)
	if err == nil {
		require.True(t, o.right(server, result), name)
	}
	outcomes.add(outcomeOf(err), len(chaos.applied))
}

// requireOutcome compares the error with the state of the account.
func requireOutcome(t *testing.T, name string, o operation, server *ldapitest.Server, chaos *chaos, err error) {
	t.Helper()
	unknown := errors.Is(err, ldapi.ErrOutcomeUnknown)
	doubt := slices.ContainsFunc(chaos.applied, func(s stage) bool { return s.sent })
	require.Equal(t, err != nil && o.writes() && doubt, unknown, name)
	if o.effects == nil {
		return
	}
	effects := o.effects(server)
	require.LessOrEqual(t, effects, 1, name)
	require.Equal(t, min(chaos.ran(), 1), effects, name)
	if o.writes() {
		require.LessOrEqual(t, chaos.ran(), 1, name)
	}
	switch {
	case err == nil:
		require.Equal(t, 1, effects, name)
	case !unknown && o.writes():
		require.Zero(t, effects, "it was carried out, and the error does not report it: %s", name)
	}
}

func outcomeOf(err error) string {
	switch {
	case err == nil:
		return "right result"
	case errors.Is(err, ldapi.ErrOutcomeUnknown):
		return "outcome unknown"
	case errors.Is(err, ldapi.ErrRateLimited):
		return "rate limited"
	case errors.Is(err, ldapi.ErrServer):
		return "server error"
	}
	return "no response"
}
