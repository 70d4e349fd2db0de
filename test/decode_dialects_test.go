package ldapi_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

const mark = "\uFEFF"

// A byte order mark before a document is skipped, in bodies of success and of errors, and by Do.
func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	client, _ := answering(200, mark+`{"_id":"`+tokenID+`","name":"ci"}`)
	token, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, "ci", token.GetName())
	var out struct{ Name string }
	_, err = client.Do(t.Context(), http.MethodGet, "/api/v2/x", nil, nil, &out)
	require.NoError(t, err)
	assert.Equal(t, "ci", out.Name)

	client, _ = answering(404, mark+`{"code":"not_found","message":"no such token"}`)
	_, _, err = getToken(t.Context(), client)
	assert.Equal(t, "not_found", apiError(t, err).Code())
	assert.Equal(t, "no such token", apiError(t, err).Message())
	assert.IsType(t, ldapi.NotFoundErrorRep{}, apiError(t, err).Model())
}

// Integers as LaunchDarkly's documentation and some gateways write them; strict decoding requires plain ones.
func TestIntegersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{`"1628001602644"`: 1628001602644, "1628001602644.0": 1628001602644, "1.628001602644e12": 1628001602644,
		`"1.7e12"`: 1_700_000_000_000, "-0.0": 0} {
		body := `{"_id":"` + tokenID + `","creationDate":` + text + `,"name":"after"}`
		client, _ := answering(200, body)
		token, _, err := getToken(t.Context(), client)
		require.NoError(t, err, text)
		assert.Equal(t, want, token.GetCreationDate(), text)
		assert.Equal(t, "after", token.GetName())
		client, _ = answering(200, body, ldapi.WithStrictDecoding())
		_, _, err = getToken(t.Context(), client)
		require.ErrorIs(t, err, ldapi.ErrDecode, text)
		require.ErrorContains(t, err, "Token.creationDate: want integer", text)
	}
	for _, text := range []string{"1.5", `"1.5"`, `"soon"`, `""`, `" 1"`, `"1 "`, `"0x10"`, `"1_000"`, "1e30", `"9223372036854775808"`, `"NaN"`} {
		client, _ := answering(200, `{"creationDate":`+text+`,"name":"after"}`)
		token, _, err := getToken(t.Context(), client)
		require.ErrorIs(t, err, ldapi.ErrDecode, text)
		assert.Zero(t, token.GetCreationDate(), text)
		assert.Equal(t, "after", token.GetName())
	}
}

// A body that is still compressed: the error names how.
func TestCompressedBodies(t *testing.T) {
	t.Parallel()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write([]byte(`{"_id":"` + tokenID + `"}`))
	require.NoError(t, w.Close())
	for _, status := range []int{200, 404} {
		for encoding, want := range map[string]string{"gzip": "Content-Encoding is gzip", "br": "Content-Encoding is br", "": "compressed with gzip"} {
			client := ldapi.New(ldapi.WithAccessToken(accessToken), ldapi.WithTransport(roundTripper(func(req *http.Request) (*http.Response, error) {
				header := http.Header{}
				if encoding != "" {
					header.Set("Content-Encoding", encoding)
				}
				return &http.Response{StatusCode: status, Header: header, Request: req, Body: io.NopCloser(bytes.NewReader(zipped.Bytes()))}, nil
			})))
			_, _, err := getToken(t.Context(), client)
			require.ErrorContains(t, err, want)
		}
	}
}
