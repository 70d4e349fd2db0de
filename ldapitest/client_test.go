package ldapitest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

func TestClientIsReady(t *testing.T) {
	t.Parallel()
	for name, opts := range bothModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, opts...)
			me, _, err := s.Client().AccountMembersApi.GetMember(t.Context(), "me").Execute()
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "caller", me.GetId(), ldapitest.AdminID)
			equal(t, "credential", s.Requests()[0].Header.Get("Authorization"), ldapitest.AdminToken)
		})
	}
}

func TestClientInsideABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := ldapitest.NewTestServer(t, ldapitest.WithInMemory(), ldapitest.WithLatency(time.Second))
		client, start := s.Client(), time.Now()
		for range 3 {
			if _, _, err := client.AccessTokensApi.GetTokens(t.Context()).ShowAll(true).Execute(); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, "time passed", time.Since(start), 3*time.Second)
	})
}
