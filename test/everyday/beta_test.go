package everyday_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// Programs for the stock client set the version as a default header, which must not keep a service in beta from working.
func TestBetaHeaderAndDefaults(t *testing.T) {
	t.Parallel()
	add := ldapi.AddMembersToTeams([]string{"m"}, []string{"k"})
	client, sent := tappedClient()
	client.GetConfig().AddDefaultHeader("LD-API-Version", "20240415")
	_, _, err := client.TeamsBetaApi.PatchTeams(t.Context()).Instructions(add).Execute()
	require.NoError(t, err)
	assert.Equal(t, []string{"beta"}, sent.only(t).header["Ld-Api-Version"])

	client, sent = tappedClient()
	ctx := ldapi.ContextWithHeader(t.Context(), "ld-api-version", "20220603")
	_, _, err = client.TeamsBetaApi.PatchTeams(ctx).Instructions(add).Execute()
	require.NoError(t, err)
	assert.Equal(t, []string{"20220603"}, sent.only(t).header["Ld-Api-Version"])
}
