package everyday_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// prefetchCase is a long list on a distant server.
type prefetchCase struct {
	name    string
	members int
	limit   int64
	rounds  int     // trips to the server, with eight pages in flight
	ratio   float64 // how many times faster than one page after the other, without computing
}

// Of 20 pages the first is fetched alone, and 19 in three rounds; of 100 pages 99 in 13 rounds.
var prefetchCases = []prefetchCase{
	{"2000 members", 2_000, 100, 4, 5},
	{"10000 members", 10_000, 100, 14, 7},
}

const (
	farAway     = 50 * time.Millisecond
	pagesAtOnce = 8
)

// readAllMembers reads all members and returns how long that takes.
func readAllMembers(t testing.TB, s *ldapitest.Server, c prefetchCase, prefetch int) time.Duration {
	t.Helper()
	start, count := time.Now(), 0
	for _, err := range s.Client().AccountMembersApi.GetMembers(t.Context()).Limit(c.limit).Prefetch(prefetch).All() {
		require.NoError(t, err)
		count++
	}
	require.Equal(t, c.members, count)
	return time.Since(start)
}

// TestPrefetchRatio measures with the clock of a bubble, where only the latency takes time.
func TestPrefetchRatio(t *testing.T) {
	t.Parallel()
	for _, c := range prefetchCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := crowdedServer(t, c.members, ldapitest.WithLatency(farAway))
				defer s.Close()
				sequential, ahead := readAllMembers(t, s, c, 0), readAllMembers(t, s, c, pagesAtOnce)
				require.Equal(t, time.Duration(c.members/int(c.limit))*farAway, sequential)
				require.Equal(t, time.Duration(c.rounds)*farAway, ahead)
				ratio := float64(sequential) / float64(ahead)
				require.GreaterOrEqual(t, ratio, c.ratio)
				t.Logf("%s, %d to a page: %v one after the other, %v with Prefetch(%d): %.1fx", c.name, c.limit, sequential, ahead, pagesAtOnce, ratio)
			})
		})
	}
}

// BenchmarkPrefetch measures real time, including the work of the client and the server.
func BenchmarkPrefetch(b *testing.B) {
	for _, c := range prefetchCases {
		b.Run(c.name, func(b *testing.B) {
			s := crowdedServer(b, c.members, ldapitest.WithLatency(farAway))
			var sequential, ahead time.Duration
			for b.Loop() {
				sequential += readAllMembers(b, s, c, 0)
				ahead += readAllMembers(b, s, c, pagesAtOnce)
			}
			b.ReportMetric(float64(sequential.Milliseconds())/float64(b.N), "sequential-ms")
			b.ReportMetric(float64(ahead.Milliseconds())/float64(b.N), "prefetch8-ms")
			b.ReportMetric(float64(sequential)/float64(ahead), "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}
