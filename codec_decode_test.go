package ldapi

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// decoded reads a document into a new T.
func decoded[T any, P modelPointer[T]](document string, strict bool) (T, error) {
	var v T
	if err := decodeDocument(P(&v), []byte(document), strict); err != nil {
		return v, err
	}
	return v, nil
}

// TestDecodeErrorPaths: errors contain model, path and types, and nothing from the document.
func TestDecodeErrorPaths(t *testing.T) {
	t.Parallel()
	members := func(document string) error { _, err := decoded[Members](document, false); return err }
	token := func(document string) error { _, err := decoded[Token](document, false); return err }
	for _, tc := range []struct {
		read           func(document string) error
		document, want string
	}{
		{members, `{"items":[{},{},{},{"role":17}]}`, "Members.items[3].role: want string, got number"},
		{members, `{"items":{"hidden":1}}`, "Members.items: want array, got object"},
		{members, `{"items":["hidden"]}`, "Members.items[0]: want object, got string"},
		{members, `{"items":[{"teams":[{},{"key":true}]}]}`, "Members.items[0].teams[1].key: want string, got bool"},
		{members, `{"items":[{"roleAttributes":{"hidden":["a",7]}}]}`, "Members.items[0].roleAttributes.*[1]: want string, got number"},
		{members, `{"items":[{"roleAttributes":{"hidden":"x"}}]}`, "Members.items[0].roleAttributes.*: want array, got string"},
		{members, `{"_links":{"hidden":{"href":[]}}}`, "Members._links.*.href: want string, got array"},
		{members, `{"_links":[1]}`, "Members._links: want object, got array"},
		{members, `{"totalCount":2147483648}`, "Members.totalCount: want integer of 32 bits, got another number"},
		{members, `{"totalCount":1.5}`, "Members.totalCount: want integer of 32 bits, got another number"},
		{members, `{"totalCount":"seven"}`, "Members.totalCount: want integer, got string"},
		{members, `{"totalCount":"1.5"}`, "Members.totalCount: want integer of 32 bits, got another number"},
		{members, `{"totalCount":1e10}`, "Members.totalCount: want integer of 32 bits, got another number"},
		{members, `[]`, "Members: want object, got array"},
		{members, `"hidden"`, "Members: want object, got string"},
		{token, `{"lastUsed":1e-3}`, "Token.lastUsed: want integer of 64 bits, got another number"},
		{token, `{"lastUsed":9223372036854775808}`, "Token.lastUsed: want integer of 64 bits, got another number"},
		{token, `{"serviceToken":"true"}`, "Token.serviceToken: want boolean, got string"},
		{token, `{"_member":{"email":{}}}`, "Token._member.email: want string, got object"},
		{token, `{"inlineRole":[{"actions":[null,{}]}]}`, "Token.inlineRole[0].actions[1]: want string, got object"},
		{token, `{"hidden":{"deep":[1]},"name":1}`, "Token.name: want string, got number"},
	} {
		err := tc.read(tc.document)
		require.EqualError(t, err, tc.want, tc.document)
		require.ErrorIs(t, err, ErrDecode)
	}
}

// TestFirstDecodeErrorWins: the first error is returned; invalid JSON takes precedence over all others.
func TestFirstDecodeErrorWins(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`{"role":1,"name":2}`:                  "Token.role: want string, got number",
		`{"name":2,"role":1}`:                  "Token.name: want string, got number",
		`{"role":1,"role":"reader"}`:           "Token.role: want string, got number",
		`{"inlineRole":[1,2],"role":1}`:        "Token.inlineRole[0]: want object, got number",
		`{"role":1,"name":}`:                   "Token: the document is no JSON from byte 18 on",
		`{"role":1,"name":"x"`:                 "Token: the document ends early, after 20 bytes",
		`{"role":1} hidden`:                    "Token: the document is no JSON from byte 12 on",
		`{"role":[1,}`:                         "Token: the document is no JSON from byte 12 on",
		`{"inlineRole":[{"effect":1}],"a":01}`: "Token: the document is no JSON from byte 35 on",
	} {
		_, err := decoded[Token](document, false)
		require.EqualError(t, err, want, document)
	}
}

// TestDecodingGoesOnAfterAnError: properties of the right type are decoded.
func TestDecodingGoesOnAfterAnError(t *testing.T) {
	t.Parallel()
	got, err := decoded[Token](`{"_id":7,"ownerId":["x"],"name":"n","_member":"x","inlineRole":[1,{"effect":"allow","actions":5}],
		"_links":{"self":{"href":1,"type":"t"},"parent":2},"lastUsed":1.5,"token":"secret","new":{"a":[1]}}`, false)
	require.EqualError(t, err, "Token._id: want string, got number")
	require.Equal(t, Token{
		Name:                 PtrString("n"),
		InlineRole:           []Statement{{}, {Effect: "allow"}},
		Links:                map[string]Link{"self": {Type: PtrString("t")}, "parent": {}},
		Token:                PtrString("secret"),
		AdditionalProperties: map[string]interface{}{"new": map[string]interface{}{"a": []interface{}{1.0}}},
	}, got)

	got, err = decoded[Token](`{"token":"secret","name":"n","_links":{"a`, false)
	require.ErrorIs(t, err, ErrDecode)
	require.Equal(t, "secret", got.GetToken(), "also of a document that breaks off")
}

// TestTolerantDecoding: missing and null properties are zero values, unknown properties are kept.
func TestTolerantDecoding(t *testing.T) {
	t.Parallel()
	for _, document := range []string{`{}`, ` { } `, `{"_id":null,"_links":null,"items":null,"name":null,"lastUsed":null,"inlineRole":null,"_member":null}`} {
		got, err := decoded[Token](document, false)
		require.NoError(t, err, document)
		delete(got.AdditionalProperties, "items")
		require.Empty(t, got.AdditionalProperties, document)
		got.AdditionalProperties = nil
		require.Equal(t, Token{}, got, document)
	}
	got, err := decoded[Members](`{"items":[null,{"_id":"a","customRoles":[null,"x"]},null],"Items":1,"":2}`, false)
	require.NoError(t, err)
	require.Equal(t, []Member{{}, {Id: "a", CustomRoles: []string{"", "x"}}, {}}, got.Items)
	require.Equal(t, map[string]interface{}{"Items": 1.0, "": 2.0}, got.AdditionalProperties, "names match exactly")
	require.Nil(t, got.TotalCount)

	empty, err := decoded[Members](`{"items":[],"_links":{}}`, false)
	require.NoError(t, err)
	require.Equal(t, Members{Items: []Member{}, Links: map[string]Link{}}, empty, "empty is not nil")
}

// TestRepeatedPropertyReplaces: the later value replaces the earlier one completely.
func TestRepeatedPropertyReplaces(t *testing.T) {
	t.Parallel()
	got, err := decoded[Token](`{"_links":{"a":{},"b":{}},"_links":{"c":{}},"customRoleIds":["x","y"],"customRoleIds":["z"],
		"_member":{"_id":"1","email":"e"},"_member":{"_id":"2"},"name":"n","name":null,"new":{"a":1},"new":2}`, false)
	require.NoError(t, err)
	require.Equal(t, Token{
		Links: map[string]Link{"c": {}}, CustomRoleIds: []string{"z"}, Member: &MemberSummary{Id: "2"},
		AdditionalProperties: map[string]interface{}{"new": 2.0},
	}, got)
}

// TestDecodeReplacesTheModel: no earlier values remain, but null changes nothing, as in encoding/json.
func TestDecodeReplacesTheModel(t *testing.T) {
	t.Parallel()
	link := Link{Href: PtrString("/old"), AdditionalProperties: map[string]interface{}{"x": 1}}
	require.NoError(t, link.UnmarshalJSON([]byte(`null`)))
	require.Equal(t, "/old", link.GetHref())
	require.NoError(t, json.Unmarshal([]byte(`{"type":"t"}`), &link))
	require.Equal(t, Link{Type: PtrString("t")}, link)
	require.EqualError(t, link.UnmarshalJSON([]byte(` null`)), "Link: want object, got null")
}

func TestUnknownValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]interface{}{
		`0`: 0.0, `-0`: 0.0, `1.5`: 1.5, `1e3`: 1000.0, `9007199254740992`: 9007199254740992.0, `-9007199254740992`: -9007199254740992.0,
		`9007199254740993`:     json.Number("9007199254740993"),
		`-9007199254740993`:    json.Number("-9007199254740993"),
		`18446744073709551616`: json.Number("18446744073709551616"),
		`1e999`:                json.Number("1e999"),
		`1e-999`:               0.0,
		`"a\u00e9\n"`:          "aé\n",
		`true`:                 true,
		`false`:                false,
		`null`:                 nil,
		`[]`:                   []interface{}{},
		`{}`:                   map[string]interface{}{},
		`[null,{"a":[1,"b"]}]`: []interface{}{nil, map[string]interface{}{"a": []interface{}{1.0, "b"}}},
		`{"a":1,"a":2}`:        map[string]interface{}{"a": 2.0},
	} {
		got, err := decoded[Link](`{"x":`+text+`}`, false)
		require.NoError(t, err, text)
		require.Equal(t, map[string]interface{}{"x": want}, got.AdditionalProperties, text)

		op, err := decoded[PatchOperation](`{"value":`+text+`}`, false)
		require.NoError(t, err, text)
		require.Equal(t, want, op.Value, text)
		require.True(t, op.HasValue(), "null is a value too")
	}
	op, err := decoded[PatchOperation](`{"value":null,"value":1,"op":"x"}`, false)
	require.NoError(t, err)
	require.Equal(t, PatchOperation{Op: "x", Value: 1.0}, op)
	op, err = decoded[PatchOperation](`{"value":1,"value":null}`, false)
	require.NoError(t, err)
	require.Equal(t, PatchOperation{valueNull: true}, op)
	require.False(t, new(PatchOperation).HasValue())
}

// TestStringsDoNotShareTheBuffer: one kept address must not pin a page.
func TestStringsDoNotShareTheBuffer(t *testing.T) {
	t.Parallel()
	document := []byte(`{"email":"rosa@example.com","roleAttributes":{"key":["value"]},"new":"x","_id":"1"}`)
	var m Member
	require.NoError(t, m.UnmarshalJSON(document))
	for i := range document {
		document[i] = '!'
	}
	require.Equal(t, "rosa@example.com", m.Email)
	require.Equal(t, map[string][]string{"key": {"value"}}, m.GetRoleAttributes())
	require.Equal(t, map[string]interface{}{"new": "x"}, m.AdditionalProperties)
	require.False(t, strings.Contains(m.Id, "!"))
}
