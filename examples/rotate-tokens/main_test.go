package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

const day = 24 * time.Hour

// account has three service tokens that are due, one that is young, and an old personal one. Pages are short.
func account(t *testing.T) *ldapitest.Server {
	server := ldapitest.NewTestServer(t, ldapitest.WithPageLimits(2, 0))
	for name, age := range map[string]time.Duration{"ci-deploys": 200 * day, "release-bot": 100 * day, "fresh": 10 * day} {
		server.AddToken(ldapitest.Token{Name: name, ServiceToken: true, CreationDate: time.Now().Add(-age)})
	}
	server.AddToken(ldapitest.Token{Name: "personal", CreationDate: time.Now().Add(-300 * day)})
	return server
}

// kept reads the file of secrets: secret by id.
func kept(t *testing.T, path string) map[string]string {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	secrets := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var line struct{ ID, Name, Secret string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &line))
		assert.NotEmpty(t, line.Name)
		secrets[line.ID] = line.Secret
	}
	return secrets
}

// live returns the secrets of the account: by id, for the tokens with old ones.
func live(server *ldapitest.Server) map[string]string {
	secrets := map[string]string{}
	for _, token := range server.Tokens() {
		if len(token.OldSecrets) > 0 {
			secrets[token.ID] = token.Secret
		}
	}
	return secrets
}

func TestRotate(t *testing.T) {
	t.Parallel()
	server := account(t)
	path := filepath.Join(t.TempDir(), "secrets.jsonl")
	var stdout, stderr bytes.Buffer
	s := settings{days: 80, grace: time.Hour, secrets: path}
	require.NoError(t, rotate(t.Context(), server.Client(), s, &stdout, &stderr))

	assert.Len(t, live(server), 3)
	assert.Equal(t, live(server), kept(t, path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	if runtime.GOOS != "windows" { // which keeps no such modes
		assert.Equal(t, fs.FileMode(0o600), info.Mode())
	}
	for _, token := range server.Tokens() {
		for _, old := range token.OldSecrets {
			assert.WithinDuration(t, time.Now().Add(time.Hour), old.Expires, time.Minute)
		}
	}
	assert.Contains(t, stdout.String(), "SECRET SINCE")
	for _, want := range []string{"1 of 3  service (" + ldapitest.ServiceTokenID + "): rotated\n", "3 of 3  ", "3 rotated, 0 failed; the new secrets are in " + path} {
		assert.Contains(t, stderr.String(), want)
	}
	assert.NotContains(t, stdout.String()+stderr.String(), "api-", "no secret is printed")

	stderr.Reset()
	s.secrets = filepath.Join(t.TempDir(), "again.jsonl")
	require.NoError(t, rotate(t.Context(), server.Client(), s, &stdout, &stderr))
	assert.Equal(t, "service tokens with secrets older than 80 days: 0; nothing was changed\n", stderr.String(), "they are young now")
	assert.NoFileExists(t, s.secrets)
}

// The token of the run comes last: without a grace period its old secret stops working at once.
func TestTheOwnTokenIsRotatedLast(t *testing.T) {
	const own = "api-0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
	t.Setenv("LD_ACCESS_TOKEN", own)
	server := ldapitest.NewTestServer(t, ldapitest.WithPageLimits(2, 0))
	for i := range 5 {
		token := ldapitest.Token{Name: "bot", Role: "admin", ServiceToken: true, CreationDate: time.Now().Add(-100 * day)}
		if i == 1 {
			token.Secret, token.Name = own, "own"
		}
		server.AddToken(token)
	}
	var stdout, stderr bytes.Buffer
	s := settings{days: 80, secrets: filepath.Join(t.TempDir(), "secrets.jsonl")}
	require.NoError(t, rotate(t.Context(), server.Client(ldapi.WithAccessToken(own)), s, &stdout, &stderr), "%s", &stderr)
	assert.Contains(t, stderr.String(), "6 of 6  own (")
	assert.Contains(t, stderr.String(), "6 rotated, 0 failed")
}

func TestDryRunChangesNothing(t *testing.T) {
	t.Parallel()
	server := account(t)
	path := filepath.Join(t.TempDir(), "secrets.jsonl")
	var stdout, stderr bytes.Buffer
	require.NoError(t, rotate(t.Context(), server.Client(), settings{days: 80, secrets: path, dryRun: true}, &stdout, &stderr))
	assert.Equal(t, 4, strings.Count(stdout.String(), "\n"), stdout.String())
	assert.Equal(t, "service tokens with secrets older than 80 days: 3; nothing was changed\n", stderr.String())
	assert.NoFileExists(t, path)
	for _, r := range server.Requests() {
		assert.Equal(t, http.MethodGet, r.Method)
	}
}

// beforeReset calls f before each reset, with how many there were.
func beforeReset(f func(resets int)) ldapi.Option {
	resets := 0
	return ldapi.WithMiddleware(func(next ldapi.RoundTrip) ldapi.RoundTrip {
		return func(req *http.Request) (*http.Response, error) {
			if op, _ := ldapi.OperationFromContext(req.Context()); op.ID == "resetToken" {
				f(resets)
				resets++
			}
			return next(req)
		}
	})
}

func TestASecretIsKeptBeforeTheNextReset(t *testing.T) {
	t.Parallel()
	server := account(t)
	path := filepath.Join(t.TempDir(), "secrets.jsonl")
	client := server.Client(beforeReset(func(resets int) { assert.Len(t, kept(t, path), resets) }))
	var stdout, stderr bytes.Buffer
	require.NoError(t, rotate(t.Context(), client, settings{days: 80, secrets: path}, &stdout, &stderr))
	assert.Len(t, kept(t, path), 3)
}

// What people have typed into the account cannot control a terminal.
func TestNamesArePrintedPlain(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	server.AddToken(ldapitest.Token{Name: "red \x1b[31m", ServiceToken: true, CreationDate: time.Now().Add(-400 * day)})
	var stdout, stderr bytes.Buffer
	s := settings{days: 365, secrets: filepath.Join(t.TempDir(), "secrets.jsonl")}
	require.NoError(t, rotate(t.Context(), server.Client(), s, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "1 of 1  red  [31m (")
	assert.NotContains(t, stdout.String()+stderr.String(), "\x1b")
}

func TestAFailureDoesNotStopTheRest(t *testing.T) {
	t.Parallel()
	server := account(t)
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusForbidden, Operation: "resetToken", Skip: 1})
	path := filepath.Join(t.TempDir(), "secrets.jsonl")
	var stdout, stderr bytes.Buffer
	err := rotate(t.Context(), server.Client(), settings{days: 80, secrets: path}, &stdout, &stderr)
	require.EqualError(t, err, "1 of 3 tokens failed")
	assert.Contains(t, stderr.String(), "FAILED: 403 Forbidden")
	assert.Contains(t, stderr.String(), "2 rotated, 1 failed")
	assert.Equal(t, live(server), kept(t, path))
	assert.Len(t, live(server), 2)
}

func TestAFileThatIsThereIsLeftAlone(t *testing.T) {
	t.Parallel()
	server := account(t)
	path := filepath.Join(t.TempDir(), "secrets.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("precious"), 0o600))
	var stdout, stderr bytes.Buffer
	err := rotate(t.Context(), server.Client(), settings{days: 80, secrets: path}, &stdout, &stderr)
	require.ErrorIs(t, err, fs.ErrExist)
	assert.Empty(t, live(server))
}

func TestInterruptionLetsTheResetFinish(t *testing.T) {
	t.Parallel()
	server := account(t)
	path := filepath.Join(t.TempDir(), "secrets.jsonl")
	ctx, cancel := context.WithCancel(t.Context())
	client := server.Client(beforeReset(func(int) { cancel() }))
	var stdout, stderr bytes.Buffer
	err := rotate(ctx, client, settings{days: 80, secrets: path}, &stdout, &stderr)
	require.EqualError(t, err, "interrupted: 1 rotated, 0 failed, 2 not tried")
	assert.Len(t, live(server), 1)
	assert.Equal(t, live(server), kept(t, path))
}

func TestItStopsWithoutAPlaceForSecrets(t *testing.T) {
	t.Parallel()
	server := account(t)
	due, err := dueTokens(t.Context(), server.Client(), time.Now())
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "secrets.jsonl")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	file, err := os.Open(path) // for reading
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	var stderr bytes.Buffer
	err = rotateAll(t.Context(), server.Client(), settings{}, due, file, &stderr)
	require.ErrorContains(t, err, "is lost, and 3 tokens were not tried")
	assert.Len(t, live(server), 1)
}

func TestRun(t *testing.T) {
	server := account(t)
	t.Setenv("LD_ACCESS_TOKEN", ldapitest.AdminToken)
	t.Setenv("LD_BASE_URI", server.URL)
	path := filepath.Join(t.TempDir(), "secrets.jsonl")
	for _, tc := range []struct {
		args   string
		code   int
		stderr string
	}{
		{"-h", 0, "Usage of rotate-tokens"},
		{"-nope", 2, "-nope"},
		{"", 2, "-secrets or -dry-run is required"},
		{"-days -1 -dry-run", 2, "must not be negative"},
		{"-grace -1h -dry-run", 2, "must not be negative"},
		{"-dry-run more", 2, "no other arguments"},
		{"-dry-run -days 80", 0, "older than 80 days: 3; nothing was changed"},
		{"-days 150 -grace 1h -secrets " + path, 0, "1 rotated, 0 failed"},
		{"-days 80 -secrets " + path, 1, "nothing was changed"},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, tc.code, run(t.Context(), strings.Fields(tc.args), &stdout, &stderr), tc.args)
		assert.Contains(t, stderr.String(), tc.stderr, tc.args)
		assert.NotContains(t, stdout.String()+stderr.String(), ldapitest.AdminToken)
	}
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusForbidden, Count: -1})
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), []string{"-dry-run"}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "rotate-tokens: listing tokens: page at offset 0: 403 Forbidden")
	t.Setenv("LD_ACCESS_TOKEN", "")
	t.Setenv("LAUNCHDARKLY_ACCESS_TOKEN", "")
	assert.Equal(t, 1, run(t.Context(), []string{"-dry-run"}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "LD_ACCESS_TOKEN")
}

// A write error, as of a full disk, is detected, too.
func TestKeepReportsErrors(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "closed"))
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.True(t, errors.Is(keep(file, &ldapi.Token{}, "secret"), os.ErrClosed))
}
