package ldapi

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeServers are two servers, the second with variables.
var fakeServers = ServerConfigurations{
	{URL: "https://one.example.com"},
	{URL: "https://{name}.example.com:{port}/{name}", Variables: map[string]ServerVariable{
		"name": {DefaultValue: "main", EnumValues: []string{"main", "spare"}},
		"port": {DefaultValue: "443"},
	}},
}

func TestServerURL(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		index     int
		variables map[string]string
		want, err string
	}{
		{0, nil, "https://one.example.com", ""},
		{0, map[string]string{"name": "x"}, "https://one.example.com", ""},
		{1, nil, "https://main.example.com:443/main", ""},
		{1, map[string]string{"name": "spare", "port": "8443"}, "https://spare.example.com:8443/spare", ""},
		{1, map[string]string{"port": ""}, "https://main.example.com:/main", ""},
		{1, map[string]string{"name": "other"}, "", `ldapi: the variable "name" of server 1 takes one of ["main" "spare"], not "other"`},
		{2, nil, "", "ldapi: there is no server with index 2, of 2 servers"},
		{-1, nil, "", "ldapi: there is no server with index -1, of 2 servers"},
	} {
		got, err := fakeServers.URL(tc.index, tc.variables)
		require.Equal(t, tc.want, got)
		if tc.err == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, tc.err)
		}
		cfg := Configuration{Servers: fakeServers}
		same, _ := cfg.ServerURL(tc.index, tc.variables)
		require.Equal(t, got, same)
	}
}

func TestServerURLWithContext(t *testing.T) {
	t.Parallel()
	const op = "AccessTokensApiService.GetToken"
	cfg := Configuration{Servers: fakeServers, OperationServers: map[string]ServerConfigurations{
		"Own": {{URL: "https://own.example.com"}, {URL: "https://own2.example.com"}},
	}}
	type values map[*contextKey]any
	for _, tc := range []struct {
		name      string
		ctx       values
		endpoint  string
		want, err string
	}{
		{"default", nil, op, "https://one.example.com", ""},
		{"of the operation", nil, "Own", "https://own.example.com", ""},
		{"index", values{ContextServerIndex: 1}, op, "https://main.example.com:443/main", ""},
		{"index, of the operation's servers", values{ContextServerIndex: 1}, "Own", "https://own2.example.com", ""},
		{"index for the operation", values{ContextServerIndex: 7, ContextOperationServerIndices: map[string]int{op: 1}}, op, "https://main.example.com:443/main", ""},
		{"index for another", values{ContextServerIndex: 1, ContextOperationServerIndices: map[string]int{"Own": 0}}, op, "https://main.example.com:443/main", ""},
		{"variables", values{ContextServerIndex: 1, ContextServerVariables: map[string]string{"name": "spare"}}, op, "https://spare.example.com:443/spare", ""},
		{"variables for the operation", values{
			ContextServerIndex: 1, ContextServerVariables: map[string]string{"name": "spare"},
			ContextOperationServerVariables: map[string]map[string]string{op: {"port": "1"}},
		}, op, "https://main.example.com:1/main", ""},
		{"index too large", values{ContextServerIndex: 2}, op, "", "ldapi: there is no server with index 2, of 2 servers"},
		{"index of another type", values{ContextServerIndex: "1"}, op, "", "ldapi: the context's ldapi.ContextServerIndex is a string, want int"},
		{"indices of another type", values{ContextOperationServerIndices: 1}, op, "",
			"ldapi: the context's ldapi.ContextOperationServerIndices is a int, want map[string]int"},
		{"variables of another type", values{ContextServerVariables: 1}, op, "",
			"ldapi: the context's ldapi.ContextServerVariables is a int, want map[string]string"},
	} {
		ctx := t.Context()
		for key, value := range tc.ctx {
			ctx = context.WithValue(ctx, key, value)
		}
		got, err := cfg.ServerURLWithContext(ctx, tc.endpoint)
		require.Equal(t, tc.want, got, tc.name)
		if tc.err == "" {
			require.NoError(t, err, tc.name)
		} else {
			require.EqualError(t, err, tc.err, tc.name)
		}
	}
	var none context.Context
	got, err := cfg.ServerURLWithContext(none, op)
	require.NoError(t, err)
	require.Equal(t, "https://one.example.com", got)
}

func TestRegions(t *testing.T) {
	t.Parallel()
	for region, want := range map[Region]string{
		RegionCommercial: "https://app.launchdarkly.com", RegionFederal: "https://app.launchdarkly.us",
		RegionEU: "https://app.eu.launchdarkly.com", "": "", "mars": "",
	} {
		require.Equal(t, want, regionURL(region))
	}
}
