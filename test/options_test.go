package ldapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// PATCH and DELETE are sent as POST; everything else is unchanged.
func TestMethodOverride(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		t.Run(op.id, func(t *testing.T) {
			t.Parallel()
			client, w := answering(op.success, replyOf(t, op), ldapi.WithMethodOverride())
			_, resp, err := op.call(client, t.Context(), "abc123")
			require.NoError(t, err)
			req := w.only(t)
			tunnelled := op.method == http.MethodPatch || op.method == http.MethodDelete
			if tunnelled {
				assert.Equal(t, http.MethodPost, req.Method)
				assert.Equal(t, []string{op.method}, req.Header["X-Http-Method-Override"])
			} else {
				assert.Equal(t, op.method, req.Method)
				assert.NotContains(t, req.Header, "X-Http-Method-Override")
			}
			content := op.content
			if op.method == http.MethodDelete {
				content = jsonContent // every POST has it
			}
			gotContent, body := wireForm(req.Header.Get("Content-Type"), req.body)
			assert.Equal(t, content, gotContent)
			assert.Equal(t, op.body, body)
			operation, ok := ldapi.OperationFromContext(req.Context())
			assert.True(t, ok)
			assert.Equal(t, op.method, operation.Method, "the operation's method")
			assert.Equal(t, req.Method, resp.Request.Method)
		})
	}
}

func TestMaxResponseBytes(t *testing.T) {
	t.Parallel()
	const document = `{"_id":"t1","name":"x"}`
	for _, tc := range []struct {
		limit int64
		ok    bool
	}{{int64(len(document)), true}, {int64(len(document)) + 1, true}, {int64(len(document)) - 1, false}, {1, false}} {
		client, _ := answering(200, document, ldapi.WithMaxResponseBytes(tc.limit))
		token, resp, err := getToken(t.Context(), client)
		if tc.ok {
			require.NoError(t, err)
			assert.Equal(t, "t1", token.Id)
			continue
		}
		isExactly(t, err, ldapi.ErrResponseTooLarge)
		assert.Nil(t, token)
		assert.Equal(t, 200, apiError(t, err).StatusCode())
		assert.LessOrEqual(t, int64(len(readAll(t, resp))), tc.limit)
	}
}

func TestMaxResponseBytesOfErrors(t *testing.T) {
	t.Parallel()
	client, _ := answering(404, `{"code":"not_found","message":"long, long"}`, ldapi.WithMaxResponseBytes(25))
	_, _, err := getToken(t.Context(), client)
	require.ErrorIs(t, err, ldapi.ErrNotFound, "the status counts")
	assert.NotErrorIs(t, err, ldapi.ErrResponseTooLarge)
	assert.Equal(t, `{"code":"not_found","mess`, string(apiError(t, err).Body()))
	assert.Equal(t, "not_found", apiError(t, err).Code())
}

func TestMaxResponseBytesByDefault(t *testing.T) {
	t.Parallel()
	const limit = 16 << 20
	for size, ok := range map[int]bool{limit: true, limit + 1: false} {
		document := `{"name":"` + strings.Repeat("x", size-11) + `"}`
		client, _ := answering(200, document)
		_, _, err := getToken(t.Context(), client)
		assert.Equal(t, ok, err == nil, "%d bytes: %v", size, err)
	}
}

// An attempt takes at most 30 seconds, or the time of WithTimeout; the error names the deadline that passed.
func TestTimeoutOfAnAttempt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		opts []ldapi.Option
		want time.Duration
	}{
		{"default", nil, 30 * time.Second},
		{"shorter", []ldapi.Option{ldapi.WithTimeout(5 * time.Second)}, 5 * time.Second},
		{"longer", []ldapi.Option{ldapi.WithTimeout(time.Hour)}, time.Hour},
		{"none: the context decides", []ldapi.Option{ldapi.WithTimeout(0)}, 48 * time.Hour},
		{"negative: the context decides", []ldapi.Option{ldapi.WithTimeout(-1)}, 48 * time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 48*time.Hour)
				defer cancel()
				start := time.Now()
				_, resp, err := getToken(ctx, newClient(newWire(untilTheEnd), tc.opts...))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Nil(t, resp)
				assert.Equal(t, tc.want, time.Since(start))
				assert.Equal(t, ctx.Err() == nil, strings.Contains(err.Error(), tc.want.String()), err.Error())
			})
		})
	}
}

// slow is a body that never ends by itself.
type slow struct{ ctx context.Context }

func (s slow) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func (s slow) Close() error { return nil }

func TestTimeoutCoversTheBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Status: "200 OK", Body: slow{req.Context()}}, nil
		})
		start := time.Now()
		_, resp, err := getToken(t.Context(), newClient(w, ldapi.WithTimeout(7*time.Second)))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Nil(t, resp)
		assert.Equal(t, 7*time.Second, time.Since(start))
	})
}

// envCase is an environment and the expected configuration.
type envCase struct {
	name       string
	env        map[string]string
	opts       []ldapi.Option
	token, url string
}

// Not parallel: the environment is global.
func TestConfigurationFromEnv(t *testing.T) {
	const commercial = "https://app.launchdarkly.com"
	for _, tc := range []envCase{
		{"token", map[string]string{"LD_ACCESS_TOKEN": "api-ld"}, nil, "api-ld", commercial},
		{"the other name", map[string]string{"LAUNCHDARKLY_ACCESS_TOKEN": "api-launchdarkly"}, nil, "api-launchdarkly", commercial},
		{"both names", map[string]string{"LD_ACCESS_TOKEN": "api-ld", "LAUNCHDARKLY_ACCESS_TOKEN": "x"}, nil, "api-ld", commercial},
		{"white space", map[string]string{"LD_ACCESS_TOKEN": " \n", "LAUNCHDARKLY_ACCESS_TOKEN": "\tapi-x \n"}, nil, "api-x", commercial},
		{"base URL", map[string]string{"LD_ACCESS_TOKEN": "a", "LD_BASE_URI": " https://ld.example.com/api/v2/\n"}, nil, "a", "https://ld.example.com"},
		{"host", map[string]string{"LD_ACCESS_TOKEN": "a", "LAUNCHDARKLY_API_HOST": "app.eu.launchdarkly.com"}, nil,
			"a", "https://app.eu.launchdarkly.com"},
		{"host with scheme", map[string]string{"LD_ACCESS_TOKEN": "a", "LAUNCHDARKLY_API_HOST": "http://127.0.0.1:8080"}, nil,
			"a", "http://127.0.0.1:8080"},
		{"host with port", map[string]string{"LD_ACCESS_TOKEN": "a", "LAUNCHDARKLY_API_HOST": "ld.example.com:8443"}, nil,
			"a", "https://ld.example.com:8443"},
		{"base URL over host", map[string]string{"LD_ACCESS_TOKEN": "a", "LD_BASE_URI": "https://one.example.com",
			"LAUNCHDARKLY_API_HOST": "two.example.com"}, nil, "a", "https://one.example.com"},
		{"options over environment", map[string]string{"LD_ACCESS_TOKEN": "a", "LD_BASE_URI": "https://one.example.com"},
			[]ldapi.Option{ldapi.WithAccessToken("api-option"), ldapi.WithRegion(ldapi.RegionFederal)}, "api-option", "https://app.launchdarkly.us"},
		{"a token source instead", nil, []ldapi.Option{source("api-source")}, "api-source", commercial},
		{"a default header instead", nil, []ldapi.Option{defaultHeader("authorization", "api-h")}, "api-h", commercial},
	} {
		t.Run(tc.name, func(t *testing.T) { fromEnv(t, tc) })
	}
}

func setEnv(t *testing.T, env map[string]string) {
	t.Helper()
	for _, name := range []string{"LD_ACCESS_TOKEN", "LAUNCHDARKLY_ACCESS_TOKEN", "LD_BASE_URI", "LAUNCHDARKLY_API_HOST"} {
		t.Setenv(name, env[name])
	}
}

func fromEnv(t *testing.T, tc envCase) {
	t.Helper()
	setEnv(t, tc.env)
	w := newWire(respond(200, `{}`))
	cfg, err := ldapi.ConfigurationFromEnv(append(tc.opts, ldapi.WithTransport(w))...)
	require.NoError(t, err)
	_, _, err = getToken(t.Context(), ldapi.NewAPIClient(cfg))
	require.NoError(t, err)
	req := w.only(t)
	assert.Equal(t, tc.token, req.Header.Get("Authorization"))
	assert.Equal(t, tc.url+"/api/v2/tokens/"+tokenID, req.URL.String())
}

func TestConfigurationFromEnvThatIsIncomplete(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"nothing set":           nil,
		"an empty token":        {"LD_ACCESS_TOKEN": " "},
		"an invalid base URL":   {"LD_ACCESS_TOKEN": "a", "LD_BASE_URI": "ftp://ld.example.com"},
		"an invalid host":       {"LD_ACCESS_TOKEN": "a", "LAUNCHDARKLY_API_HOST": "https://"},
		"a password in the URL": {"LD_ACCESS_TOKEN": "a", "LD_BASE_URI": "https://me:pw-canary@ld.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			setEnv(t, env)
			cfg, err := ldapi.ConfigurationFromEnv()
			argumentError(t, err)
			assert.Nil(t, cfg)
			assert.NotContains(t, err.Error(), "pw-canary")
		})
	}
}
