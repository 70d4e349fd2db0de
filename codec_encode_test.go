package ldapi

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// encoded returns a model as JSON.
func encoded(t *testing.T, m json.Marshaler) string {
	t.Helper()
	out, err := m.MarshalJSON()
	require.NoError(t, err)
	require.True(t, json.Valid(out), string(out))
	return string(out)
}

// TestEncodingIsDeterministic: the same bytes each time, maps in the order of their keys.
func TestEncodingIsDeterministic(t *testing.T) {
	t.Parallel()
	m := Member{
		Links:                map[string]Link{"self": {}, "a": {Href: PtrString("/x")}, "é": {}},
		RoleAttributes:       &map[string][]string{"z": {"1"}, "b": nil, "a": {}},
		AdditionalProperties: map[string]interface{}{"z": 1, "a": map[string]interface{}{"y": 1, "b": 2}, "m": nil},
	}
	const want = `{"_links":{"a":{"href":"/x"},"self":{},"é":{}},"_id":"","role":"","email":"","_pendingInvite":false,"_verified":false,` +
		`"customRoles":[],"mfa":"","_lastSeen":0,"creationDate":0,"roleAttributes":{"a":[],"b":[],"z":["1"]},` +
		`"a":{"b":2,"y":1},"m":null,"z":1}`
	for range 20 {
		require.Equal(t, want, encoded(t, &m))
	}
	viaStandard, err := json.Marshal(m)
	require.NoError(t, err)
	require.Equal(t, want, string(viaStandard))
}

// TestNilSlicesAndMaps: the API rejects null for a list; optional nil values are omitted, empty ones are sent.
func TestNilSlicesAndMaps(t *testing.T) {
	t.Parallel()
	require.Equal(t, `{"teamKeys":[]}`, encoded(t, &MemberTeamsPostInput{}))
	require.Equal(t, `{"items":[],"_links":{}}`, encoded(t, &Members{}))
	require.Equal(t, `{}`, encoded(t, &Tokens{}))
	require.Equal(t, `{"items":[],"_links":{}}`, encoded(t, &Tokens{Items: []Token{}, Links: &map[string]Link{}}))
	require.Equal(t, `{"effect":""}`, encoded(t, &StatementPost{}))
	require.Equal(t, `{"effect":"","actions":[]}`, encoded(t, &StatementPost{Actions: []string{}}))
	var none map[string][]string
	require.Equal(t, `{"email":"","roleAttributes":{}}`, encoded(t, &NewMemberForm{RoleAttributes: &none}))
}

// TestAdditionalPropertiesWin over a declared property of the same name, which is written once.
func TestAdditionalPropertiesWin(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		want string
		m    json.Marshaler
	}{
		{`{"type":"t","href":5}`, &Link{Href: PtrString("/x"), Type: PtrString("t"), AdditionalProperties: map[string]interface{}{"href": 5}}},
		{`{"href":null}`, &Link{AdditionalProperties: map[string]interface{}{"href": nil}}},
		{`{"op":"x","path":"y","value":1}`, &PatchOperation{Op: "x", Path: "y", valueNull: true, AdditionalProperties: map[string]interface{}{"value": 1}}},
		{`{"_links":1,"items":"x"}`, &Members{AdditionalProperties: map[string]interface{}{"items": "x", "_links": 1}}},
		{`{"email":"e","":1,"a\"b":2}`, &NewMemberForm{Email: "e", AdditionalProperties: map[string]interface{}{"": 1, `a"b`: 2}}},
		{`{}`, &Link{AdditionalProperties: map[string]interface{}{}}},
	} {
		require.Equal(t, tc.want, encoded(t, tc.m))
	}
}

// TestExplicitNulls: absent values, null values, and zero values, which are neither.
func TestExplicitNulls(t *testing.T) {
	t.Parallel()
	set := func(v interface{}) *PatchOperation {
		o := &PatchOperation{Op: "o", Path: "p"}
		o.SetValue(v)
		return o
	}
	var nilPointer *Link
	for _, tc := range []struct {
		op   *PatchOperation
		want string
	}{
		{NewPatchOperation("o", "p"), ``},
		{&PatchOperation{Op: "o", Path: "p"}, ``},
		{NewPatchOperation("o", "p", nil), `,"value":null`},
		{set(nil), `,"value":null`},
		{&PatchOperation{Op: "o", Path: "p", Value: nilPointer}, `,"value":null`},
		{set(false), `,"value":false`},
		{set(0), `,"value":0`},
		{set(""), `,"value":""`},
		{set([]string(nil)), `,"value":[]`},
		{set([]string{}), `,"value":[]`},
		{set([]StatementPost{{Effect: "allow"}}), `,"value":[{"effect":"allow"}]`},
		{set(Link{Href: PtrString("<&>")}), `,"value":{"href":"\u003c\u0026\u003e"}`},
		{set(json.RawMessage(` {"a": [1] } `)), `,"value":{"a":[1]}`},
		{set(json.Number("1e400")), `,"value":1e400`},
		{set(int64(math.MinInt64)), `,"value":-9223372036854775808`},
		{set(uint64(math.MaxUint64)), `,"value":18446744073709551615`},
		{set(1e21), `,"value":1e+21`},
		{set(time.Unix(0, 0).UTC()), `,"value":"1970-01-01T00:00:00Z"`},
	} {
		require.Equal(t, `{"op":"o","path":"p"`+tc.want+`}`, encoded(t, tc.op))
	}
	op := set(nil)
	op.SetValue(1)
	op.SetValue("x")
	require.Equal(t, `{"op":"o","path":"p","value":"x"}`, encoded(t, op))
}

// TestEncodedStrings: any string decodes to what encoding/json would produce.
func TestEncodedStrings(t *testing.T) {
	t.Parallel()
	strings := []string{
		"", "plain", "\"\\/\b\f\n\r\t", "\x00\x01\x1f\x7f", "<script>&", "é😀\u2028\u2029\ufffd", "\xff", "a\xffb\xc3", "\xed\xa0\x80", "\xff\"\n",
	}
	for _, s := range strings {
		reference, err := json.Marshal(s)
		require.NoError(t, err)
		var want string
		require.NoError(t, json.Unmarshal(reference, &want))

		var link map[string]string
		require.NoError(t, json.Unmarshal([]byte(encoded(t, &Link{Href: &s})), &link))
		require.Equal(t, want, link["href"], "%q", s)

		var extra map[string]string
		out := encoded(t, &Link{AdditionalProperties: map[string]interface{}{s: s}})
		require.NoError(t, json.Unmarshal([]byte(out), &extra))
		require.Equal(t, map[string]string{want: want}, extra, "%q", s)

		var attributes struct{ RoleAttributes map[string][]string }
		out = encoded(t, &NewMemberForm{RoleAttributes: &map[string][]string{s: {s}}})
		require.NoError(t, json.Unmarshal([]byte(out), &attributes))
		require.Equal(t, map[string][]string{want: {want}}, attributes.RoleAttributes, "%q", s)
	}
}

// refusing is a value whose encoding fails.
type refusing struct{}

var errRefusing = errors.New("it will not be written")

func (refusing) MarshalJSON() ([]byte, error) { return nil, errRefusing }

// TestValuesThatJSONCannotCarry are an error wherever they are; the error names the first one, and nothing is written.
func TestValuesThatJSONCannotCarry(t *testing.T) {
	t.Parallel()
	for _, m := range []json.Marshaler{
		&PatchOperation{Value: math.NaN()},
		&PatchOperation{Value: math.Inf(1)},
		&PatchOperation{Value: func() {}},
		&PatchOperation{Value: make(chan int)},
		&PatchOperation{Value: map[string]interface{}{"a": []interface{}{math.NaN()}}},
		&PatchOperation{Value: json.Number("1.")},
		&PatchOperation{Value: json.RawMessage("{")},
		&PatchOperation{Value: refusing{}},
		&Link{AdditionalProperties: map[string]interface{}{"x": complex(1, 2)}},
		&Member{Links: map[string]Link{"a": {AdditionalProperties: map[string]interface{}{"x": math.NaN()}}}},
		&MembersPatchInput{Instructions: []map[string]interface{}{{"kind": "x", "value": math.NaN()}}},
	} {
		out, err := m.MarshalJSON()
		require.Error(t, err, "%T", m)
		require.Nil(t, out)
	}
	_, err := (&Link{AdditionalProperties: map[string]interface{}{"a": refusing{}, "b": math.NaN()}}).MarshalJSON()
	require.ErrorIs(t, err, errRefusing)
	require.Equal(t, `{}`, encoded(t, &Link{}), "a failure leaves nothing behind")
}

// TestEncodedDocumentsAreTheCallers: they do not change when the encoder is used again.
func TestEncodedDocumentsAreTheCallers(t *testing.T) {
	t.Parallel()
	first, err := (&Link{Href: PtrString("/first")}).MarshalJSON()
	require.NoError(t, err)
	for range 10 {
		_ = encoded(t, &Link{Href: PtrString("/other")})
	}
	require.Equal(t, `{"href":"/first"}`, string(first))
}

// TestNilListsAreEmpty: the API rejects null for a list. An explicit nil is null.
func TestNilListsAreEmpty(t *testing.T) {
	t.Parallel()
	type ids []string
	for want, value := range map[string]any{
		"null":                                 nil,
		"[]":                                   []string(nil),
		"[] ":                                  ids(nil),
		"[]  ":                                 []Statement(nil),
		"[]   ":                                []any(nil),
		"{}":                                   map[string]string(nil),
		"{} ":                                  map[string]any(nil),
		"{}  ":                                 map[int]int(nil),
		`{"a":[],"b":["c"]}`:                   map[string][]string{"b": {"c"}, "a": nil},
		`{"commercial":[]}`:                    map[Region][]string{RegionCommercial: nil},
		`[[],{},null]`:                         []any{[]string(nil), map[string]any(nil), nil},
		`[[],["a"]]`:                           [][]string{nil, {"a"}},
		`{"kind":"x","memberIDs":[],"n":null}`: MemberInstruction{"kind": "x", "memberIDs": []string(nil), "n": nil},
		`"aGk="`:                               []byte("hi"),
		`{"1":["a"]}`:                          map[int][]string{1: {"a"}},
	} {
		op, err := PatchReplace("/p", value).MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, `{"op":"replace","path":"/p","value":`+strings.TrimSpace(want)+`}`, string(op))
	}
	input, err := MembersPatchInput{Instructions: []map[string]any{ReplaceMembersRoleAttributes(map[string][]string{"k": nil}), ReplaceMembersCustomRoles(nil)}}.MarshalJSON()
	require.NoError(t, err)
	require.NotContains(t, string(input), "null")
	cycle := []any{nil}
	cycle[0] = cycle
	_, err = PatchReplace("/p", cycle).MarshalJSON()
	require.Error(t, err)
}
