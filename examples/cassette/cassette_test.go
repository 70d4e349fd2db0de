package cassette

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/recorder"
)

// use makes calls with a client: one that is paged, one that fails, one whose answer has a secret.
func use(t *testing.T, client *ldapi.APIClient) (members int, secret string) {
	t.Helper()
	all, err := client.AccountMembersApi.GetMembers(t.Context()).Limit(3).Collect()
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = client.AccessTokensApi.GetToken(t.Context(), "66a0b1c2d3e4f50617283999").Execute()
	if !errors.Is(err, ldapi.ErrNotFound) {
		t.Fatal(err)
	}
	token, err := client.RotateToken(t.Context(), ldapitest.ServiceTokenID, 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(all), token.GetToken()
}

func start(t *testing.T, file string, opts ...recorder.Option) *recorder.Recorder {
	t.Helper()
	r, err := New(file)
	if len(opts) > 0 {
		r, err = recorder.New(file, opts...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// stop writes the cassette and returns its text.
func stop(t *testing.T, r *recorder.Recorder, file string) string {
	t.Helper()
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRecordAndPlay: the cassette has no secret, and is enough for the calls when the server is gone.
func TestRecordAndPlay(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "members")
	server := ldapitest.NewTestServer(t)
	recording := start(t, file)
	members, secret := use(t, server.Client(ldapi.WithAttemptMiddleware(Middleware(recording))))
	text := stop(t, recording, file)
	if strings.Contains(text, ldapitest.AdminToken) || strings.Contains(text, "Authorization") || strings.Contains(text, secret) {
		t.Error("the cassette has a secret")
	}
	if !strings.Contains(text, "olga.owens@example.com") || strings.Count(text, "\n      method: ")+strings.Count(text, "\n        method: ") != 4 {
		t.Errorf("the cassette does not have the four responses:\n%s", text)
	}

	server.Close()
	playing := start(t, file)
	played, hidden := use(t, ldapi.New(ldapi.WithBaseURL(server.URL), ldapi.WithAccessToken("none"), ldapi.WithAttemptMiddleware(Middleware(playing))))
	if played != members || !strings.HasPrefix(hidden, "api-00000000-") {
		t.Errorf("%d members and the secret %s were played", played, hidden)
	}
	stop(t, playing, file)
}

// TestATransportSeesTheToken: what is used as the transport writes the token into the cassette.
func TestATransportSeesTheToken(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "members")
	server := ldapitest.NewTestServer(t)
	recording := start(t, file, recorder.WithRealTransport(server.Transport()))
	use(t, server.Client(ldapi.WithTransport(recording)))
	if text := stop(t, recording, file); !strings.Contains(text, ldapitest.AdminToken) {
		t.Error("the cassette has no token: the guide is wrong")
	}
}
