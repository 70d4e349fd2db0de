package ldapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// decodeMember decodes a member from the response to a call.
func decodeMember(t *testing.T, document string, opts ...ldapi.Option) (*ldapi.Member, error) {
	t.Helper()
	client, _ := answering(200, document, opts...)
	member, resp, err := client.AccountMembersApi.GetMember(t.Context(), memberID).Execute()
	require.NotNil(t, resp)
	return member, err
}

// Every property of a member by itself: null and absent are the zero value.
func TestNullAndMissingPropertiesAreZero(t *testing.T) {
	t.Parallel()
	var document map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(payload(t, "member_full")), &document))
	require.Len(t, document, 25)
	for name := range document {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, without := range []func(m map[string]json.RawMessage){
				func(m map[string]json.RawMessage) { delete(m, name) },
				func(m map[string]json.RawMessage) { m[name] = json.RawMessage("null") },
			} {
				changed := map[string]json.RawMessage{}
				for k, v := range document {
					changed[k] = v
				}
				without(changed)
				b, err := json.Marshal(changed)
				require.NoError(t, err)
				member, err := decodeMember(t, string(b))
				require.NoError(t, err)
				assert.Equal(t, withoutProperty(t, name, string(b)), member)
			}
		})
	}
}

// withoutProperty returns the full member with one property at its zero value.
func withoutProperty(t *testing.T, name, document string) *ldapi.Member {
	t.Helper()
	m := fullMember()
	zero := map[string]func(){
		"_links": func() { m.Links = nil }, "_id": func() { m.Id = "" }, "firstName": func() { m.FirstName = nil },
		"lastName": func() { m.LastName = nil }, "role": func() { m.Role = "" }, "email": func() { m.Email = "" },
		"_pendingInvite": func() { m.PendingInvite = false }, "_verified": func() { m.Verified = false },
		"_pendingEmail": func() { m.PendingEmail = nil }, "customRoles": func() { m.CustomRoles = nil },
		"mfa": func() { m.Mfa = "" }, "mfaEnforced": func() { m.MfaEnforced = nil },
		"mfaGracePeriodExpiresAt": func() { m.MfaGracePeriodExpiresAt = nil },
		"hasPassword":             func() { m.HasPassword = nil }, "excludedDashboards": func() { m.ExcludedDashboards = nil },
		"_lastSeen": func() { m.LastSeen = 0 }, "_lastSeenMetadata": func() { m.LastSeenMetadata = nil },
		"_integrationMetadata": func() { m.IntegrationMetadata = nil }, "teams": func() { m.Teams = nil },
		"permissionGrants": func() { m.PermissionGrants = nil }, "creationDate": func() { m.CreationDate = 0 },
		"oauthProviders": func() { m.OauthProviders = nil }, "version": func() { m.Version = nil },
		"roleAttributes": func() { m.RoleAttributes = nil },
		"customRolesInfo": func() { // not known to the model: null is kept unchanged
			m.AdditionalProperties = nil
			if strings.Contains(document, `"customRolesInfo":null`) {
				m.AdditionalProperties = map[string]interface{}{"customRolesInfo": nil}
			}
		},
	}[name]
	require.NotNil(t, zero, "no property %s", name)
	zero()
	return m
}

func TestUnknownPropertiesAreKeptAtEveryLevel(t *testing.T) {
	t.Parallel()
	const document = `{"_id":"m1","future":{"deep":[1,"two",null,true,{"x":2.5}]},"big":12345678901234567890,"exact":9007199254740992,
		"beyond":9007199254740993,"huge":1e999,"half":0.5,"Role":"not the property role",
		"_lastSeenMetadata":{"tokenId":"t1","agent":"cli"},
		"teams":[{"key":"platform","size":3,"_links":{"self":{"href":"/api/v2/teams/platform","title":"Platform"}}}]}`
	member, err := decodeMember(t, document)
	require.NoError(t, err)
	assert.Equal(t, map[string]interface{}{
		"future": map[string]interface{}{"deep": []interface{}{1.0, "two", nil, true, map[string]interface{}{"x": 2.5}}},
		"big":    json.Number("12345678901234567890"),
		"exact":  9007199254740992.0,
		"beyond": json.Number("9007199254740993"),
		"huge":   json.Number("1e999"),
		"half":   0.5,
		"Role":   "not the property role",
	}, member.AdditionalProperties)
	assert.Empty(t, member.Role, "names match exactly")
	assert.Equal(t, map[string]interface{}{"agent": "cli"}, member.LastSeenMetadata.AdditionalProperties)
	team := member.Teams[0]
	assert.Equal(t, map[string]interface{}{"size": 3.0}, team.AdditionalProperties)
	assert.Equal(t, map[string]interface{}{"title": "Platform"}, (*team.Links)["self"].AdditionalProperties)

	b, err := json.Marshal(member)
	require.NoError(t, err)
	var back ldapi.Member
	require.NoError(t, json.Unmarshal(b, &back))
	assert.Equal(t, member.AdditionalProperties, back.AdditionalProperties)
	assert.Equal(t, team.AdditionalProperties, back.Teams[0].AdditionalProperties)
	assert.Contains(t, string(b), `"big":12345678901234567890`)
}

// A repeated name replaces the earlier value completely.
func TestRepeatedPropertiesReplace(t *testing.T) {
	t.Parallel()
	member, err := decodeMember(t, `{"_id":"first","teams":[{"key":"a"},{"key":"b"}],"roleAttributes":{"a":["1"]},`+
		`"x":{"a":1},"_lastSeenMetadata":{"tokenId":"t1"},"_id":"second","teams":[{"name":"B"}],"roleAttributes":{"b":["2"]},`+
		`"x":{"b":2},"_lastSeenMetadata":{}}`)
	require.NoError(t, err)
	assert.Equal(t, &ldapi.Member{
		Id: "second", Teams: []ldapi.MemberTeamSummaryRep{{Name: "B"}}, RoleAttributes: &map[string][]string{"b": {"2"}},
		LastSeenMetadata: &ldapi.LastSeenMetadata{}, AdditionalProperties: map[string]interface{}{"x": map[string]interface{}{"b": 2.0}},
	}, member)
}

func TestBodiesThatCannotBeDecoded(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, document string }{
		{"empty", ""},
		{"white space", " \n\t"},
		{"null", "null"},
		{"an array", `[]`},
		{"a string", `"member"`},
		{"HTML", "<html><body>Sign in</body></html>"},
		{"cut off in a name", `{"_id":"m1","rol`},
		{"cut off in a value", `{"_id":"m1","role":"rea`},
		{"cut off between properties", `{"_id":"m1",`},
		{"text after the document", `{"_id":"m1"} and more`},
		{"two documents", `{"_id":"m1"}{"_id":"m2"}`},
		{"no JSON inside an unknown property", `{"_id":"m1","x":{"y":tru}}`},
		{"nested too deeply", strings.Repeat(`{"x":`, 20000) + "1" + strings.Repeat("}", 20000)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := decodeMember(t, tc.document)
			e := apiError(t, err)
			require.ErrorIs(t, err, ldapi.ErrDecode)
			assert.Equal(t, 200, e.StatusCode(), "the status is not lost")
			assert.Equal(t, tc.document, string(e.Body()))
			assert.Equal(t, tc.document, readAll(t, e.Response()))
			assert.True(t, strings.HasPrefix(e.Error(), "200"), e.Error())
			assert.Less(t, len(e.Error()), 300, "an error text has an end")
			assert.Nil(t, e.Model())
			assert.Equal(t, "getMember", e.Operation().ID)
		})
	}
}

// Invalid UTF-8 and half surrogate pairs are read as encoding/json reads them.
func TestInvalidTextIsReplaced(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a\xffb":              "a\ufffdb",
		"\xc3":                "\ufffd",
		"ü\xe2\x82":           "ü\ufffd\ufffd",
		`x\ud800y`:            "x\ufffdy",
		`\ud800`:              "\ufffd",
		`\udc00\ud800`:        "\ufffd\ufffd",
		`\ud800\n`:            "\ufffd\n",
		`\ud83d\ud83d\ude00`:  "\ufffd😀",
		`\uD83D\uDE00\u00fc`:  "😀ü",
		`\\ud800`:             `\ud800`,
		"\xff\\\"\\u00e9\\\\": "\ufffd\"é\\",
		`zero \u0000 byte`:    "zero \x00 byte",
	} {
		member, err := decodeMember(t, `{"_id":"`+text+`","`+text+`":"`+text+`"}`)
		require.NoError(t, err, "%q", text)
		assert.Equal(t, want, member.Id)
		assert.Equal(t, map[string]interface{}{want: want}, member.AdditionalProperties)
		var reference map[string]string
		require.NoError(t, json.Unmarshal([]byte(`{"_id":"`+text+`"}`), &reference))
		assert.Equal(t, reference["_id"], member.Id)
	}
}
