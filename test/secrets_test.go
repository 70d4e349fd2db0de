package ldapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// canary is a secret that must never be seen. Tests search for its middle, so that a cut at either end does not hide it.
const canary = "api-c0ffee00-feed-4ace-8bad-0ddba11ca7e5"

var canaryTraces = [][]byte{[]byte("feed-4ace-8bad"), []byte(fmt.Sprintf("%x", "feed-4ace-8bad")), []byte(fmt.Sprintf("%X", "feed-4ace-8bad"))}

// renderings returns a value as programs print it, by accident or not.
func renderings(t *testing.T, v any) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x", "%d"} {
		out[verb] = fmt.Appendf(nil, verb, v)
	}
	out["Sprint"] = []byte(fmt.Sprint(v))
	out["Errorf"] = []byte(fmt.Errorf("failed with %v", v).Error())
	if b, err := json.Marshal(v); err == nil {
		out["json.Marshal"] = b
	} else {
		out["json.Marshal"] = []byte(err.Error())
	}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"slog JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		slog.New(handler(&b)).With("with", v).Info("message", "value", v, slog.Group("group", "value", v))
		out[name] = b.Bytes()
	}
	return out
}

func assertNoCanary(t *testing.T, what string, text []byte) {
	t.Helper()
	for _, trace := range canaryTraces {
		assert.False(t, bytes.Contains(text, trace), "%s shows the secret: %s", what, text)
	}
}

// configured returns configurations with the canary, each in a different way.
func configured() map[string]*ldapi.Configuration {
	return map[string]*ldapi.Configuration{
		"access token":   ldapi.NewConfiguration(ldapi.WithAccessToken(canary)),
		"bearer token":   ldapi.NewConfiguration(ldapi.WithBearerToken(canary)),
		"token source":   ldapi.NewConfiguration(source(canary)),
		"default header": ldapi.NewConfiguration(defaultHeader("Authorization", canary), defaultHeader("X-Other", canary)),
		"URLs": ldapi.NewConfiguration(ldapi.WithBaseURL("https://me:"+canary+"@ld.example.com"),
			func(cfg *ldapi.Configuration) { cfg.Host = "me:" + canary + "@ld.example.com" }),
	}
}

func TestConfigurationsAndClientsShowNoSecret(t *testing.T) {
	t.Parallel()
	for name, cfg := range configured() {
		client := ldapi.NewAPIClient(cfg)
		request := client.AccessTokensApi.GetToken(ldapi.ContextWithAccessToken(t.Context(), canary), tokenID)
		type application struct {
			Client  *ldapi.APIClient
			Config  *ldapi.Configuration
			Value   ldapi.Configuration
			Service ldapi.AccessTokensApi
			hidden  *ldapi.APIClient
		}
		for what, v := range map[string]any{
			"configuration": cfg, "configuration by value": *cfg, "client": client, "client by value": *client,
			"tokens service": client.AccessTokensApi, "members service": client.AccountMembersApi, "request": request,
			"application": application{client, cfg, *cfg, client.AccessTokensApi, client},
			"clients":     []*ldapi.APIClient{client}, "configurations": map[string]ldapi.Configuration{"one": *cfg},
		} {
			for how, text := range renderings(t, v) {
				assertNoCanary(t, name+" "+what+" "+how, text)
			}
		}
	}
	assert.Equal(t, "APIClient{<nil>}", fmt.Sprint(ldapi.APIClient{}))
	assert.Contains(t, fmt.Sprintf("%+v", ldapi.New()), "app.launchdarkly.com", "other values are shown")
	assert.Contains(t, fmt.Sprintf("%+v", ldapi.NewConfiguration()), "app.launchdarkly.com", "other values are shown")
}

func TestAPIKeysShowNoSecret(t *testing.T) {
	t.Parallel()
	key := ldapi.APIKey{Key: canary, Prefix: "Bearer"}
	for what, v := range map[string]any{
		"key": key, "pointer": &key, "keys": map[string]ldapi.APIKey{"ApiKey": key}, "list": []ldapi.APIKey{key},
		"field": struct{ Key ldapi.APIKey }{key},
	} {
		for how, text := range renderings(t, v) {
			assertNoCanary(t, what+" "+how, text)
		}
	}
	assert.Contains(t, fmt.Sprint(key), "Bearer", "other values are shown")
}

func TestContextsShowNoSecret(t *testing.T) {
	t.Parallel()
	ctx := context.WithValue(ldapi.ContextWithAccessToken(context.Background(), canary), contextKey{}, "inner")
	for what, v := range map[string]any{
		"token":         ldapi.ContextWithAccessToken(t.Context(), canary),
		"around it":     ctx,
		"header":        ldapi.ContextWithHeader(t.Context(), "X-Secret", canary),
		"Authorization": ldapi.ContextWithHeader(t.Context(), "Authorization", canary),
		"value":         ctx.Value(ldapi.ContextAPIKeys),
		"in a struct":   struct{ Ctx context.Context }{ctx},
		"in a request":  ldapi.New().AccountMembersApi.GetMembers(ctx),
	} {
		for how, text := range renderings(t, v) {
			assertNoCanary(t, what+" "+how, text)
		}
	}
}

// A context that the caller made, as with the stock client. (%#v and %d look into every struct, and a context
// is a struct.)
func TestContextsWithKeysShowNoSecret(t *testing.T) {
	t.Parallel()
	ctx := withKeys(map[string]ldapi.APIKey{"ApiKey": {Key: canary}})(t.Context())
	for how, text := range renderings(t, ctx) {
		if how != "%#v" && how != "%d" {
			assertNoCanary(t, how, text)
		}
	}
}

// Errors of every kind, and the logs of the calls that they come from. Also if a server repeats the token.
func TestErrorsAndLogsShowNoSecret(t *testing.T) {
	t.Parallel()
	repeats := `{"id":"` + canary + `","code":"` + canary + `","message":"token ` + canary + ` is bad"}`
	answers := map[string]*wire{
		"401":        newWire(respond(401, repeats)),
		"redirect":   newWire(respond(302, repeats).HeaderSet(http.Header{"Location": {"https://me:" + canary + "@x.example.com/?t=" + canary}})),
		"transport":  newWire(refuseToAnswer(errors.New("no route to host"))),
		"wrong type": newWire(respond(200, `{"_id":["`+canary+`"]}`)),
		"no JSON":    newWire(respond(200, canary)),
		"unknown":    newWire(respond(200, `{"`+canary+`":{"`+canary+`":tru}}`)),
	}
	for name, w := range answers {
		for what, opt := range map[string]ldapi.Option{"raw": ldapi.WithAccessToken(canary), "bearer": ldapi.WithBearerToken(canary)} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				var records bytes.Buffer
				logger := slog.New(slog.NewJSONHandler(&records, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
				client := newClient(w, opt, ldapi.WithLogger(logger))
				ctx := ldapi.ContextWithHeader(t.Context(), "X-Secret", canary)
				_, _, err := client.AccountMembersApi.GetMember(ctx, canary).Expand(canary).Execute()
				require.Error(t, err)
				assertNoCanary(t, "Error()", []byte(err.Error()))
				assertNoCanary(t, "wrapped", fmt.Appendf(nil, "%v %+v %s %q", err, err, err, err))
				var b bytes.Buffer
				slog.New(slog.NewTextHandler(&b, nil)).Info("failed", "error", err)
				assertNoCanary(t, "slog", b.Bytes())
				require.NotEmpty(t, records.Bytes())
				assertNoCanary(t, "log records", records.Bytes())
			})
		}
	}
}

// The secrets in requests and responses are not logged; MarshalJSON writes them, because programs store them.
func TestModelsLogNoSecret(t *testing.T) {
	t.Parallel()
	token := ldapi.Token{Id: tokenID, Name: ldapi.PtrString("ci"), Token: ldapi.PtrString(canary)}
	form := ldapi.NewMemberForm{Email: "sam@example.com", Password: ldapi.PtrString(canary)}
	for what, v := range map[string]any{
		"token": token, "pointer": &token, "page": ldapi.Tokens{Items: []ldapi.Token{token}},
		"form": form, "pointer to form": &form,
	} {
		for _, handler := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b bytes.Buffer
			slog.New(handler(&b)).Info("message", "value", v)
			assertNoCanary(t, what, b.Bytes())
		}
		b, err := json.Marshal(v)
		require.NoError(t, err)
		assert.Contains(t, string(b), canary, what)
	}
}

// Only values on an allow-list are logged.
func TestLogRecords(t *testing.T) {
	t.Parallel()
	var records bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&records, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w := newWire(respond(404, notFoundBody).HeaderSet(http.Header{"X-Request-Id": {"req-77"}}))
	_, _, err := newClient(w, ldapi.WithLogger(logger)).AccountMembersApi.GetMember(t.Context(), memberID).Expand("customRoles").Execute()
	require.Error(t, err)
	var record map[string]any
	require.NoError(t, json.Unmarshal(records.Bytes(), &record), "one record: %s", records.String())
	assert.NotContains(t, records.String(), memberID)
	assert.NotContains(t, records.String(), "expand")
	assert.NotContains(t, records.String(), "Invalid resource")
	assert.Contains(t, record, "duration")
	for name, want := range map[string]any{
		"level": "DEBUG", "operation": "getMember", "method": "GET", "route": "/api/v2/members/{id}", "attempt": 1.0,
		"status": 404.0, "request_id": "req-77", "request_bytes": 0.0, "response_bytes": float64(len(notFoundBody)),
	} {
		assert.Equal(t, want, record[name], name)
	}
}

// Debug raises the records to Info, and logs to slog.Default() without a logger. Not parallel: the default logger is global.
func TestDebugLogsAtInfoToTheDefaultLogger(t *testing.T) {
	var records bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&records, nil)))
	defer slog.SetDefault(before)
	client, _ := answering(200, `{}`)
	_, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Empty(t, records.String(), "silent by default")
	client.GetConfig().Debug = true
	_, _, err = getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Contains(t, records.String(), "level=INFO")
	assert.Contains(t, records.String(), "operation=getToken")
}
