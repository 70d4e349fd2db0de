package ldapi

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStrictDecoding: a required property that is missing or null is an error, wherever its model is.
func TestStrictDecoding(t *testing.T) {
	t.Parallel()
	const missing = ": the required property is missing or null"
	token := func(document string) error { _, err := decoded[Token](document, true); return err }
	statement := func(document string) error { _, err := decoded[Statement](document, true); return err }
	tokens := func(document string) error { _, err := decoded[Tokens](document, true); return err }
	const full = `{"_id":"1","ownerId":"2","memberId":"3","creationDate":4,"lastModified":5,"_links":{}`
	for _, tc := range []struct {
		read           func(document string) error
		document, want string // want is "" for success
	}{
		{statement, `{"effect":"allow"}`, ""},
		{statement, `{"effect":""}`, ""},
		{statement, `{}`, "Statement.effect" + missing},
		{statement, `{"effect":null}`, "Statement.effect" + missing},
		{statement, `{"effect":null,"effect":"deny"}`, ""},
		{statement, `{"effect":"deny","effect":null}`, "Statement.effect" + missing},
		{statement, `{"effect":7}`, "Statement.effect: want string, got number"},
		{statement, `{"resources":7}`, "Statement.resources: want array, got number"},
		{statement, `null`, "Statement: want object, got null"},
		{token, full + `}`, ""},
		{token, `{"_id":"1"}`, "Token.ownerId" + missing},
		{token, full + `,"inlineRole":null,"_member":null,"name":null}`, ""},
		{token, full + `,"inlineRole":[{"effect":"allow"},{}]}`, "Token.inlineRole[1].effect" + missing},
		{token, full + `,"inlineRole":[null]}`, "Token.inlineRole[0]: want object, got null"},
		{token, full + `,"customRoleIds":[null]}`, ""},
		{token, full + `,"_member":{"_id":"1","role":"reader","email":"e"}}`, "Token._member._links" + missing},
		{token, full + `,"_links":{"self":null}}`, ""},
		{token, full + `,"_links":null}`, "Token._links" + missing},
		{tokens, `{}`, ""},
		{tokens, `{"items":[` + full + `},{"_id":"1"}]}`, "Tokens.items[1].ownerId" + missing},
		{tokens, `{"items":[null]}`, "Tokens.items[0]: want object, got null"},
		{tokens, `{"items":[{"_id":"1"`, "Tokens: the document ends early, after 20 bytes"},
	} {
		err := tc.read(tc.document)
		if tc.want == "" {
			require.NoError(t, err, tc.document)
		} else {
			require.EqualError(t, err, tc.want, tc.document)
		}
	}
}

// TestStrictDecodingReadsTheRest, as tolerant decoding does.
func TestStrictDecodingReadsTheRest(t *testing.T) {
	t.Parallel()
	got, err := decoded[Token](`{"inlineRole":[{"actions":["a"]}],"token":"secret"}`, true)
	require.EqualError(t, err, "Token.inlineRole[0].effect: the required property is missing or null", "the first one that is met")
	require.Equal(t, Token{InlineRole: []Statement{{Actions: []string{"a"}}}, Token: PtrString("secret")}, got)
}

// TestStrictDecodingOfExamples: the API's own documents have all required properties.
func TestStrictDecodingOfExamples(t *testing.T) {
	t.Parallel()
	for file, read := range map[string]func(document string, strict bool) error{
		"member_full":       func(d string, s bool) error { _, err := decoded[Member](d, s); return err },
		"members_page":      func(d string, s bool) error { _, err := decoded[Members](d, s); return err },
		"members_invited":   func(d string, s bool) error { _, err := decoded[Members](d, s); return err },
		"token_created":     func(d string, s bool) error { _, err := decoded[Token](d, s); return err },
		"token_read_custom": func(d string, s bool) error { _, err := decoded[Token](d, s); return err },
		"tokens_page":       func(d string, s bool) error { _, err := decoded[Tokens](d, s); return err },
	} {
		document, err := os.ReadFile("testdata/payloads/" + file + ".json")
		require.NoError(t, err)
		require.NoError(t, read(string(document), true), file)
	}
}

// TestStrictDecodingIsOfTheConfiguration: strict decoding is off by default, and never applies to the models of errors.
func TestStrictDecodingIsOfTheConfiguration(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		opts := []Option{WithTransport(answering(200, `{"_id":"1"}`))}
		if strict {
			opts = append(opts, WithStrictDecoding())
		}
		token, _, err := New(opts...).AccessTokensApi.GetToken(t.Context(), "1").Execute()
		require.Equal(t, strict, err != nil)
		require.Equal(t, "1", token.GetId())
	}
	_, _, err := New(WithTransport(answering(404, `{"message":"gone"}`)), WithStrictDecoding()).AccessTokensApi.GetToken(t.Context(), "1").Execute()
	require.ErrorIs(t, err, ErrNotFound)
	require.Equal(t, NotFoundErrorRep{Message: "gone"}, requireAPIError(t, err).Model())
}
