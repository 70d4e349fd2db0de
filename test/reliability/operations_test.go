package reliability_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/internal/inventory"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// The values that the operations of these tests create and change.
const (
	tokenName = "made by a test of reliability"
	teamKey   = "checkout"
	guestOne  = "guest.one@example.com"
	guestTwo  = "guest.two@example.com"
	entryID   = "67a1b2c3d4e5f60718293001"
	entryName = "Checkout"
)

// operation is one of the API: how to call it, how often the account shows that it was carried out, and whether a result
// is the right one.
type operation struct {
	id, method string
	safe       bool // a POST that only reads
	call       func(ctx context.Context, c *ldapi.APIClient) (any, error)
	effects    func(s *ldapitest.Server) int // nil: it only reads
	right      func(s *ldapitest.Server, result any) bool
}

// writes reports whether the operation must not be repeated while its outcome is unknown.
func (o operation) writes() bool { return o.hasBody() && !o.safe }

func (o operation) hasBody() bool { return o.method == http.MethodPost || o.method == http.MethodPatch }

// prepare adds to the seeded account what the operations need.
func prepare(s *ldapitest.Server) {
	s.AddTeam(ldapitest.Team{Key: teamKey})
	s.AddAuditEntry(ldapitest.AuditEntry{ID: entryID, Name: entryName, Actions: []string{"createTeam"}, Resources: []string{"team/" + teamKey},
		Date: time.Now().Add(-time.Hour)})
}

// operations are all of them: TestNoOperationIsMissing compares them with those of the client.
func operations() []operation {
	return slices.Concat(
		tokenOperations(),
		memberOperations(),
		roleOperations(),
		teamOperations(),
		otherOperations(),
		auditOperations(),
	)
}

// TestNoOperationIsMissing: the table of operations has all of them.
func TestNoOperationIsMissing(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, o := range operations() {
		ids = append(ids, o.id)
	}
	missing, surplus := inventory.Compare(ldapi.New(), ids)
	for _, id := range missing {
		t.Errorf("%s is missing: add it to the operations of test/reliability/operations_test.go, with a call that makes it, and with how the "+
			"account shows that it was carried out", id)
	}
	assert.Empty(t, surplus, "there twice, or no operations of the client")
}

func token(s *ldapitest.Server, id string) (ldapitest.Token, int) {
	i := slices.IndexFunc(s.Tokens(), func(t ldapitest.Token) bool { return t.ID == id })
	if i < 0 {
		return ldapitest.Token{}, 0
	}
	return s.Tokens()[i], 1
}

func member(s *ldapitest.Server, id string) (ldapitest.Member, int) {
	i := slices.IndexFunc(s.Members(), func(m ldapitest.Member) bool { return m.ID == id })
	if i < 0 {
		return ldapitest.Member{}, 0
	}
	return s.Members()[i], 1
}

func count[T any](all []T, which func(T) bool) int {
	n := 0
	for _, v := range all {
		if which(v) {
			n++
		}
	}
	return n
}

func isTrue(condition bool) int { return count([]bool{condition}, func(b bool) bool { return b }) }

func nothing(*ldapitest.Server, any) bool { return true }

func tokenOperations() []operation {
	return []operation{
		{id: "getTokens", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			page, _, err := c.AccessTokensApi.GetTokens(ctx).ShowAll(true).Execute()
			return page, err
		}, right: func(s *ldapitest.Server, result any) bool {
			return len(result.(*ldapi.Tokens).Items) == len(s.Tokens())
		}},
		{id: "postToken", method: "POST", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			post := ldapi.AccessTokenPost{Name: ldapi.PtrString(tokenName), Role: ldapi.PtrString("reader")}
			created, _, err := c.AccessTokensApi.PostToken(ctx).AccessTokenPost(post).Execute()
			return created, err
		}, effects: func(s *ldapitest.Server) int {
			return count(s.Tokens(), func(t ldapitest.Token) bool { return t.Name == tokenName })
		}, right: func(s *ldapitest.Server, result any) bool {
			created, _ := token(s, result.(*ldapi.Token).Id)
			return created.Secret == result.(*ldapi.Token).GetToken()
		}},
		{id: "getToken", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			found, _, err := c.AccessTokensApi.GetToken(ctx, ldapitest.ReaderTokenID).Execute()
			return found, err
		}, right: func(_ *ldapitest.Server, result any) bool { return result.(*ldapi.Token).Id == ldapitest.ReaderTokenID }},
		{id: "patchToken", method: "PATCH", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			patch := []ldapi.PatchOperation{{Op: "replace", Path: "/name", Value: tokenName}}
			patched, _, err := c.AccessTokensApi.PatchToken(ctx, ldapitest.ReaderTokenID).PatchOperation(patch).Execute()
			return patched, err
		}, effects: func(s *ldapitest.Server) int {
			return count(s.Tokens(), func(t ldapitest.Token) bool { return t.Name == tokenName })
		}, right: func(_ *ldapitest.Server, result any) bool { return result.(*ldapi.Token).GetName() == tokenName }},
		{id: "deleteToken", method: "DELETE", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			_, err := c.AccessTokensApi.DeleteToken(ctx, ldapitest.ReaderTokenID).Execute()
			return nil, err
		}, effects: func(s *ldapitest.Server) int {
			_, there := token(s, ldapitest.ReaderTokenID)
			return 1 - there
		}, right: nothing},
		{id: "resetToken", method: "POST", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			reset, _, err := c.AccessTokensApi.ResetToken(ctx, ldapitest.ReaderTokenID).Execute()
			return reset, err
		}, effects: func(s *ldapitest.Server) int {
			t, _ := token(s, ldapitest.ReaderTokenID)
			return len(t.OldSecrets)
		}, right: func(s *ldapitest.Server, result any) bool {
			t, _ := token(s, ldapitest.ReaderTokenID)
			return t.Secret == result.(*ldapi.Token).GetToken()
		}},
	}
}

func memberOperations() []operation {
	return []operation{
		{id: "getMembers", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			page, _, err := c.AccountMembersApi.GetMembers(ctx).Execute()
			return page, err
		}, right: func(s *ldapitest.Server, result any) bool {
			return len(result.(*ldapi.Members).Items) == len(s.Members())
		}},
		{id: "postMembers", method: "POST", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			forms := []ldapi.NewMemberForm{{Email: guestOne}, {Email: guestTwo}}
			invited, _, err := c.AccountMembersApi.PostMembers(ctx).NewMemberForm(forms).Execute()
			return invited, err
		}, effects: func(s *ldapitest.Server) int {
			return count(s.Members(), func(m ldapitest.Member) bool { return m.Email == guestOne })
		}, right: func(s *ldapitest.Server, result any) bool {
			return len(result.(*ldapi.Members).Items) == 2 && len(s.Members()) == 6
		}},
		{id: "patchMembers", method: "PATCH", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			input := ldapi.MembersPatchInput{Instructions: []map[string]any{
				{"kind": "replaceMembersRoles", "memberIDs": []string{ldapitest.WriterID}, "value": "reader"}}}
			bulk, _, err := c.AccountMembersApi.PatchMembers(ctx).MembersPatchInput(input).Execute()
			return bulk, err
		}, effects: func(s *ldapitest.Server) int {
			m, _ := member(s, ldapitest.WriterID)
			return isTrue(m.Role == "reader")
		}, right: func(_ *ldapitest.Server, result any) bool {
			return slices.Equal(result.(*ldapi.BulkEditMembersRep).Members, []string{ldapitest.WriterID})
		}},
		{id: "getMember", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			found, _, err := c.AccountMembersApi.GetMember(ctx, "me").Execute()
			return found, err
		}, right: func(_ *ldapitest.Server, result any) bool { return result.(*ldapi.Member).Id == ldapitest.AdminID }},
		{id: "patchMember", method: "PATCH", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			patch := []ldapi.PatchOperation{{Op: "add", Path: "/customRoles/-", Value: ldapitest.PeopleManagerRoleID}}
			patched, _, err := c.AccountMembersApi.PatchMember(ctx, ldapitest.WriterID).PatchOperation(patch).Execute()
			return patched, err
		}, effects: func(s *ldapitest.Server) int {
			m, _ := member(s, ldapitest.WriterID)
			return len(m.CustomRoles)
		}, right: func(_ *ldapitest.Server, result any) bool {
			return slices.Equal(result.(*ldapi.Member).CustomRoles, []string{ldapitest.PeopleManagerRoleID})
		}},
		{id: "deleteMember", method: "DELETE", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			_, err := c.AccountMembersApi.DeleteMember(ctx, ldapitest.WriterID).Execute()
			return nil, err
		}, effects: func(s *ldapitest.Server) int {
			_, there := member(s, ldapitest.WriterID)
			return 1 - there
		}, right: nothing},
		{id: "postMemberTeams", method: "POST", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			input := ldapi.MemberTeamsPostInput{TeamKeys: []string{teamKey}}
			joined, _, err := c.AccountMembersApi.PostMemberTeams(ctx, ldapitest.WriterID).MemberTeamsPostInput(input).Execute()
			return joined, err
		}, effects: func(s *ldapitest.Server) int {
			m, _ := member(s, ldapitest.WriterID)
			return count(m.Teams, func(key string) bool { return key == teamKey })
		}, right: func(_ *ldapitest.Server, result any) bool { return len(result.(*ldapi.Member).Teams) == 2 }},
	}
}
