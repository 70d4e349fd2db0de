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
		p.roles()
		p.teams()
		p.audit()
		p.others()
		p.errors()
		checkAllWereCalled(t, w)
		if t.Failed() {
			return
		}
		if plain == nil {
			plain = p.lines
			t.Logf("%d lines, %v", len(plain), w)
		}
		compare(t, c.name, p.lines, plain)
	}
}

// checkAllWereCalled: the scenario has each operation, with success.
func checkAllWereCalled(t *testing.T, w *witness) {
	t.Helper()
	for id, route := range w.d.operations {
		status, _ := success(route)
		if w.seen[id][status] == 0 {
			t.Errorf("%s was not called with success: add it to the scenario in tools/conformance/scenario_test.go", id)
		}
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

func (p *play) roles() {
	api := p.client.CustomRolesApi
	statement := *ldapi.NewStatementPost("allow")
	statement.SetResources([]string{"proj/*"})
	statement.SetActions([]string{"*"})
	post := ldapi.NewCustomRolePost("größe <&>", "on-call", []ldapi.StatementPost{statement})
	role, _, err := api.PostCustomRole(p.ctx).CustomRolePost(*post).Execute()
	p.say("post role", role, err)
	patch, err := ldapi.NewCustomRolePatch().SetDescription("d").AppendStatement(statement).SetBasePermissions("reader").Comment("c").Patch()
	p.say("role patch", patch, err)
	role, _, err = api.PatchCustomRole(p.ctx, "on-call").PatchWithComment(patch).Execute()
	p.say("patch role", role, err)
	role, _, err = api.GetCustomRole(p.ctx, role.GetId()).Execute()
	p.say("get role", role, err)
	index, err := p.client.LoadRoles(p.ctx)
	p.say("roles", index.Roles(), err)
	keys, err := index.Keys(role.GetId(), ldapitest.ReleaseManagerRoleKey)
	p.say("keys", keys, err)
	for page, err := range api.GetCustomRoles(p.ctx).Limit(2).Pages() {
		p.say("page of roles", page.GetItems(), err)
	}
	_, err = api.DeleteCustomRole(p.ctx, "preset").Execute()
	p.say("delete role", nil, err)
}

func (p *play) teams() {
	api := p.client.TeamsApi
	input := ldapi.NewTeamPostInput("checkout", "Checkout")
	input.SetCustomRoleKeys([]string{"on-call"})
	input.SetMemberIDs([]string{richMember, ldapitest.ReaderID})
	input.SetRoleAttributes(map[string][]string{"a": {"b"}})
	grant := ldapi.NewPermissionGrantInput()
	grant.SetActionSet("maintainTeam")
	grant.SetMemberIDs([]string{ldapitest.AdminID})
	input.SetPermissionGrants([]ldapi.PermissionGrantInput{*grant})
	team, _, err := api.PostTeam(p.ctx).TeamPostInput(*input).Expand("members,roles,projects,maintainers").Execute()
	p.say("post team", team, err)
	team, _, err = api.PatchTeam(p.ctx, "checkout").Expand("maintainers").Instructions(ldapi.SetTeamName("Tills"), ldapi.RemoveTeamMembers(ldapitest.ReaderID),
		ldapi.AddTeamGrants([]string{"updateTeamName"}, ldapitest.ReaderID), ldapi.SetTeamRoleAttribute("a", "c")).Execute()
	p.say("patch team", team, err)
	team, _, err = api.GetTeam(p.ctx, richTeam).Expand("members,roles,projects,maintainers,roleAttributes").Execute()
	p.say("get team", team, err)
	for team, err := range api.GetTeams(p.ctx).Filter("nomembers:false").Expand("members").Limit(2).All() {
		p.say("team", team, err)
	}
	roles, err := api.GetTeamRoles(p.ctx, richTeam).Limit(1).Collect()
	p.say("team roles", roles, err)
	maintainers, err := api.GetTeamMaintainers(p.ctx, "checkout").Collect()
	p.say("maintainers", maintainers, err)
	report, _, err := api.PostTeamMembers(p.ctx, "checkout").CSV(strings.NewReader("email\nolga.owens@example.com\n")).Execute()
	p.say("import", report, err)
	report, _, err = api.PostTeamMembers(p.ctx, "checkout").CSV(strings.NewReader("olga.owens@example.com\nnoone\n")).Execute()
	p.say("rejected import", report, err)
	bulk, _, err := p.client.TeamsBetaApi.PatchTeams(p.ctx).Instructions(ldapi.AddMembersToTeams([]string{ldapitest.WriterID}, []string{"checkout", "idp", "none"})).Execute()
	p.say("bulk teams", bulk, err)
	for member, err := range p.client.TeamMembers(p.ctx, "checkout") {
		p.say("member of the team", member, err)
	}
	_, err = api.DeleteTeam(p.ctx, "checkout").Execute()
	p.say("occupied", nil, err)
	p.say("detach and delete", nil, p.client.DetachAndDeleteTeam(p.ctx, "checkout"))
}

func (p *play) audit() {
	api := p.client.AuditLogApi
	for entry, err := range api.GetAuditLogEntries(p.ctx).All() {
		p.say("entry", entry, err)
	}
	newest, _, err := api.GetAuditLogEntries(p.ctx).Spec("team/*").Limit(1).Execute()
	p.say("newest", newest.GetItems(), err)
	entry, _, err := api.GetAuditLogEntry(p.ctx, newest.GetItems()[0].GetId()).Execute()
	p.say("entry in full", entry, err)
	entry, _, err = api.GetAuditLogEntry(p.ctx, richEntry).Execute()
	p.say("entry with a patch", entry, err)
	search := []ldapi.StatementPost{*ldapi.NewStatementPost("allow")}
	search[0].SetResources([]string{"team/*"})
	found, _, err := api.PostAuditLogEntries(p.ctx).StatementPost(search).Q("ENTRY").Limit(5).Execute()
	p.say("found", found.GetItems(), err)
	counts, _, err := api.PostAuditLogEntryCounts(p.ctx).After(noon.Add(-24 * time.Hour).UnixMilli()).Buckets(6).StatementPost(search).Execute()
	p.say("counts", counts, err)
}

func (p *play) others() {
	api := p.client.OtherApi
	caller, err := p.client.Whoami(p.ctx)
	p.say("caller", caller.Identity, err)
	p.say("caller's member", caller.Member, err)
	versions, _, err := api.GetVersions(p.ctx).Execute()
	p.say("versions", versions, err)
	root, _, err := api.GetRoot(p.ctx).Execute()
	p.say("root", root, err)
	ips, _, err := api.GetIps(p.ctx).Execute()
	p.say("addresses", ips, err)
	resp, err := api.GetOpenapiSpec(p.ctx).Execute()
	p.say("description", nil, err)
	var document map[string]any
	p.say("its body", document, json.NewDecoder(resp.Body).Decode(&document))
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
