package reliability_test

import (
	"net/http"
	"net/http/httputil"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// dumping is a transport as people write it to log or record requests: DumpRequestOut writes each into memory first, with the
// hooks of its context.
type dumping struct {
	next  http.RoundTripper
	dumps []string
}

func (d *dumping) RoundTrip(req *http.Request) (*http.Response, error) {
	dump, err := httputil.DumpRequestOut(req, true)
	if err != nil {
		return nil, err
	}
	d.dumps = append(d.dumps, string(dump))
	return d.next.RoundTrip(req)
}

// TestADumpIsNoSend: a write is sent once although its transport dumps it first, and a failure after the dump is still one whose
// outcome is unknown.
func TestADumpIsNoSend(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	transport := &dumping{next: server.Transport()}
	client := server.Client(ldapi.WithTransport(transport))
	post := ldapi.NewAccessTokenPost()
	post.SetRole(ldapi.RoleReader)
	before := len(server.Tokens())

	token, _, err := client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(*post).Execute()
	require.NoError(t, err)
	_, err = client.RotateToken(t.Context(), token.GetId(), 0)
	require.NoError(t, err)
	_, err = client.AccessTokensApi.DeleteToken(t.Context(), token.GetId()).Execute()
	require.NoError(t, err)
	require.Len(t, transport.dumps, 3)
	assert.Contains(t, transport.dumps[0], `{"role":"reader"}`)
	assert.Len(t, server.Requests(), 3)

	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseAfterCommit, Operation: "postToken"})
	_, _, err = client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(*post).Execute()
	require.ErrorIs(t, err, ldapi.ErrOutcomeUnknown)
	assert.Len(t, server.Tokens(), before+1, "it is not repeated")
}
