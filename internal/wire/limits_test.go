package wire

import (
	"encoding/json"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// noon is the time of the server's clock in these tests.
var noon = time.Date(2024, 8, 1, 12, 0, 0, 0, time.UTC)

const noonText = "Thu, 01 Aug 2024 12:00:00 GMT"

// TestClockSkew: dates have whole seconds, so differences below two seconds count as none.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	for here, want := range map[time.Duration]time.Duration{
		0: 0, time.Second: 0, 2*time.Second - 1: 0, 2 * time.Second: 2 * time.Second, time.Hour: time.Hour,
		-time.Second: 0, 1 - 2*time.Second: 0, -2 * time.Second: -2 * time.Second, -time.Hour: -time.Hour,
	} {
		require.Equal(t, want, ClockSkew(http.Header{"Date": {noonText}}, noon.Add(here)), here)
	}
	require.Zero(t, ClockSkew(http.Header{}, noon))
	require.Zero(t, ClockSkew(http.Header{"Date": {"yesterday"}}, noon))
	for _, date := range []string{"Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 01 Jan 2500 00:00:00 GMT"} {
		require.Zero(t, ClockSkew(http.Header{"Date": {date}}, noon), date)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]int64{"0": 0, "5": 5, " 7 ": 7, "-1": -1, "9223372036854775807": 1<<63 - 1} {
		got := Count(v)
		require.NotNil(t, got, v)
		require.Equal(t, want, *got, v)
	}
	for _, v := range []string{"", "x", "1.5", "1e3", "9223372036854775808"} {
		require.Nil(t, Count(v), v)
	}
}

// TestEpochMillis: a time of the server's clock becomes one of ours; too large a number is a time far away, not none.
func TestEpochMillis(t *testing.T) {
	t.Parallel()
	require.True(t, noon.Equal(EpochMillis("1722513600000", 0)))
	require.True(t, noon.Add(time.Minute).Equal(EpochMillis(" 1722513600000 ", time.Minute)))
	require.True(t, EpochMillis("99999999999999999999", 0).After(noon.AddDate(1000, 0, 0)))
	for _, v := range []string{"9223372036854775807", "253402300800000", "253401000000000"} { // from the year 9999 on
		for _, skew := range []time.Duration{0, math.MaxInt64, time.Hour} {
			got := EpochMillis(v, skew)
			require.Equal(t, 9999, got.Year(), v)
			require.Equal(t, time.Duration(math.MaxInt64), got.Sub(noon), v)
			_, err := json.Marshal(got)
			require.NoError(t, err)
		}
	}
	require.True(t, EpochMillis("9223372036854775807", math.MinInt64).After(noon))
	require.True(t, EpochMillis("1", math.MinInt64).Before(noon))
	for _, v := range []string{"", "0", "-1", "x", "1.5", "1e30", "-9223372036854775808", "-99999999999999999999"} {
		require.Zero(t, EpochMillis(v, time.Minute), v)
	}
}

// TestRetryAfter: seconds count from now, a date is of the server's clock.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]time.Duration{"0": 0, "3": 3 * time.Second, " 90 ": 90 * time.Second} {
		require.Equal(t, want, RetryAfter(v, noon, time.Hour).Sub(noon), v)
	}
	require.Equal(t, time.Minute, RetryAfter(noonText, noon, time.Minute).Sub(noon))
	for _, v := range []string{"-1", "-2147483649", "-99999999999999999999"} {
		require.True(t, RetryAfter(v, noon, 0).Before(noon), v)
	}
	for _, v := range []string{"2147483648", "9223372036854775807", "99999999999999999999"} {
		require.Greater(t, RetryAfter(v, noon, 0).Sub(noon), 24*time.Hour, "%s: too many to count", v)
	}
	for _, v := range []string{"", "soon", "1.5", "1e30"} {
		require.Zero(t, RetryAfter(v, noon, 0), v)
	}
}
