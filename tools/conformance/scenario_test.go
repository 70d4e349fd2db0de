package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// TestScenario plays the same scenario, all of the client against all of the server, in several ways. Neither properties
// that no schema declares nor null instead of absence change the results of the client; nor does the way its requests
// travel. Every request and every response is checked against the description.
func TestScenario(t *testing.T) {
	t.Parallel()
	var plain []string
	for _, c := range []struct {
		name   string
		server []ldapitest.Option
		client []ldapi.Option
	}{
		{"plain", nil, nil},
		{"unknown fields", []ldapitest.Option{ldapitest.WithUnknownFields()}, nil},
		{"null optionals", []ldapitest.Option{ldapitest.WithNullOptionals()}, nil},
		{"both", []ldapitest.Option{ldapitest.WithUnknownFields(), ldapitest.WithNullOptionals()}, nil},
		{"both, decoded strictly", []ldapitest.Option{ldapitest.WithUnknownFields(), ldapitest.WithNullOptionals()}, []ldapi.Option{ldapi.WithStrictDecoding()}},
		{"tunnelled", nil, []ldapi.Option{ldapi.WithMethodOverride()}},
		{"small pages", []ldapitest.Option{ldapitest.WithoutNextLinks(), ldapitest.WithPageLimits(3, 3)}, nil},
	} {
		s := newServer(t, c.server...)
		w := newWitness(t, load(t), s.Transport())
		w.requests = true
		p := &play{ctx: t.Context(), client: s.Client(append([]ldapi.Option{ldapi.WithTransport(w), ldapi.WithRetry(ldapi.NoRetry())}, c.client...)...)}
		p.tokens()
		p.members()
		p.errors()
		if plain == nil {
			plain = p.lines
			t.Logf("%d lines, %v", len(plain), w)
		}
		compare(t, c.name, p.lines, plain)
	}
}

func compare(t *testing.T, name string, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d lines, want %d", name, len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("%s: line %d\n got %s\nwant %s", name, i, got[i], want[i])
		}
	}
}

// play is the scenario and its results.
type play struct {
	ctx    context.Context
	client *ldapi.APIClient
	lines  []string
}

// say records a result: a model without unknown properties, or an error with all its details.
func (p *play) say(what string, v any, err error) {
	line := what + ": "
	if text, marshalErr := json.Marshal(v); marshalErr == nil {
		var document any
		_ = json.Unmarshal(text, &document) // just written
		text, _ = json.Marshal(known(document))
		line += string(text)
	}
	var e *ldapi.GenericOpenAPIError
	if errors.As(err, &e) {
		line += fmt.Sprintf(" %d %s %q %v %s", e.StatusCode(), e.Code(), e.Message(), e.InvalidEmails(), e.Operation().ID)
	}
	p.lines = append(p.lines, line+fmt.Sprint(" ", err))
}

// known removes the properties of WithUnknownFields from a document.
func known(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if strings.HasPrefix(name, "future") {
				delete(v, name)
			} else {
				v[name] = known(value)
			}
		}
	case []any:
		for i := range v {
			v[i] = known(v[i])
		}
	}
	return v
}

func (p *play) tokens() {
	api := p.client.AccessTokensApi
	all, err := api.GetTokens(p.ctx).ShowAll(true).Collect()
	p.say("all tokens", all, err)
	for page, err := range api.GetTokens(p.ctx).ShowAll(true).Limit(2).Pages() {
		p.say("page of tokens", page.GetItems(), err)
	}
	post := ldapi.NewAccessTokenPost()
	post.SetName("ci-deploys")
	post.SetDescription("größe <&>")
	statement := *ldapi.NewStatementPost("allow")
	statement.SetResources([]string{"proj/*"})
	statement.SetActions([]string{"*"})
	post.SetInlineRole([]ldapi.StatementPost{statement})
	token, _, err := api.PostToken(p.ctx).AccessTokenPost(*post).Execute()
	p.say("post token", token, err)
	id := token.GetId()
	ops, err := ldapi.NewTokenPatchFrom(token).SetName("renamed").SetRole("writer").Operations()
	p.say("token patch", ops, err)
	token, _, err = api.PatchToken(p.ctx, id).PatchOperation(ops).Execute()
	p.say("patch token", token, err)
	token, _, err = api.GetToken(p.ctx, id).Execute()
	p.say("get token", token, err)
	token, _, err = api.ResetToken(p.ctx, id).ExpiryTime(noon.Add(time.Hour)).Execute()
	p.say("reset token", token, err)
	_, err = api.DeleteToken(p.ctx, id).Execute()
	p.say("delete token", nil, err)
}

func (p *play) members() {
	api := p.client.AccountMembersApi
	sam, dev := ldapi.NewNewMemberForm("Sam@example.com"), ldapi.NewNewMemberForm("dev+flags@example.com")
	sam.SetRole("no_access")
	dev.SetCustomRoles([]string{ldapitest.ReleaseManagerRoleKey})
	dev.SetTeamKeys([]string{ldapitest.PlatformTeamKey})
	dev.SetRoleAttributes(map[string][]string{"developerProjectKeys": {"shop"}})
	invited, err := p.client.InviteMembers(p.ctx, []ldapi.NewMemberForm{*sam, *dev})
	p.say("invite", invited, err)
	found, err := p.client.FindMemberByEmail(p.ctx, "DEV+flags@example.com")
	p.say("find", found, err)
	for m, err := range api.GetMembers(p.ctx).Expand("customRoles,roleAttributes").Sort("displayName,-lastSeen").Limit(2).All() {
		p.say("member", m, err)
	}
	some, err := api.GetMembers(p.ctx).FilterBy(ldapi.MemberFilter{Query: "EXAMPLE", Roles: []string{"admin", ldapitest.ReleaseManagerRoleKey}}).Collect()
	p.say("some members", some, err)
	ops, err := ldapi.NewMemberPatch().SetRole("writer").AddCustomRole(ldapitest.PeopleManagerRoleID).
		SetRoleAttributes(map[string][]string{"größe": {}}).Operations()
	p.say("member patch", ops, err)
	member, _, err := api.PatchMember(p.ctx, found.GetId()).PatchOperation(ops).Execute()
	p.say("patch member", member, err)
	member, _, err = api.PostMemberTeams(p.ctx, found.GetId()).MemberTeamsPostInput(*ldapi.NewMemberTeamsPostInput([]string{"größe"})).Execute()
	p.say("teams", member, err)
	everybody, err := ldapi.ReplaceAllMembersRoles("reader", ldapi.MembersExcept{Roles: []string{"admin"}, IgnoredMemberIDs: []string{richMember}})
	p.say("instruction", everybody, err)
	input := ldapi.NewMembersPatchInput([]ldapi.MemberInstruction{
		everybody,
		ldapi.ReplaceMembersCustomRoles([]string{ldapitest.ReleaseManagerRoleKey}, ldapitest.ReaderID, noID),
		ldapi.ReplaceMembersRoleAttributes(map[string][]string{"a": {"b"}}, ldapitest.ReaderID),
	})
	input.SetComment("conformance")
	bulk, _, err := api.PatchMembers(p.ctx).MembersPatchInput(*input).Execute()
	p.say("bulk", bulk, err)
	p.say("bulk errors", bulk.Failed(), nil)
	_, err = api.DeleteMember(p.ctx, found.GetId()).Execute()
	p.say("delete member", nil, err)
	for _, id := range []string{"me", richMember, found.GetId()} {
		member, _, err = api.GetMember(p.ctx, id).Expand("roleAttributes,customRoles").Execute()
		p.say("get member", member, err)
	}
}

func (p *play) errors() {
	tokens, members := p.client.AccessTokensApi, p.client.AccountMembersApi
	_, _, err := tokens.GetToken(ldapi.ContextWithAccessToken(p.ctx, "api-unknown"), richToken).Execute()
	p.say("unauthorized", nil, err)
	_, _, err = tokens.PostToken(p.ctx).AccessTokenPost(*ldapi.NewAccessTokenPost()).Execute()
	p.say("bad request", nil, err)
	_, err = members.DeleteMember(p.ctx, ldapitest.OwnerID).Execute()
	p.say("forbidden", nil, err)
	_, _, err = tokens.PatchToken(p.ctx, richToken).PatchOperation([]ldapi.PatchOperation{ldapi.PatchRemove("/role")}).Execute()
	p.say("patch failed", nil, err)
	_, err = p.client.InviteMembers(p.ctx, []ldapi.NewMemberForm{*ldapi.NewNewMemberForm("NOOR@example.com"), *ldapi.NewNewMemberForm("new@example.com")})
	p.say("already there", nil, err)
	_, err = p.client.FindMemberByEmail(p.ctx, "nobody@example.com")
	p.say("not found", nil, err)
	token, err := p.client.RotateToken(p.ctx, richToken, time.Hour)
	p.say("rotated", token.GetName(), err) // its moment is that of the client's clock
}
