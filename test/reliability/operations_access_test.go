package reliability_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

const newKey = "made-by-a-test"

func everything(resource string) []ldapi.StatementPost {
	return []ldapi.StatementPost{{Effect: "allow", Resources: []string{resource}, Actions: []string{"*"}}}
}

func role(s *ldapitest.Server, key string) (ldapitest.Role, int) {
	i := slices.IndexFunc(s.Roles(), func(r ldapitest.Role) bool { return r.Key == key })
	if i < 0 {
		return ldapitest.Role{}, 0
	}
	return s.Roles()[i], 1
}

func teams(s *ldapitest.Server, key string) int {
	return count(s.Teams(), func(t ldapitest.Team) bool { return t.Key == key })
}

func onTeam(memberID, team string) func(*ldapitest.Server) int {
	return func(s *ldapitest.Server) int {
		m, _ := member(s, memberID)
		return count(m.Teams, func(key string) bool { return key == team })
	}
}

func roleOperations() []operation {
	return []operation{
		{id: "getCustomRoles", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			page, _, err := c.CustomRolesApi.GetCustomRoles(ctx).Execute()
			return page, err
		}, right: func(s *ldapitest.Server, result any) bool {
			return len(result.(*ldapi.CustomRoles).Items) == len(s.Roles())
		}},
		{id: "postCustomRole", method: "POST", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			post := ldapi.NewCustomRolePost("New", newKey, everything("proj/*"))
			created, _, err := c.CustomRolesApi.PostCustomRole(ctx).CustomRolePost(*post).Execute()
			return created, err
		}, effects: func(s *ldapitest.Server) int {
			_, there := role(s, newKey)
			return there
		}, right: func(s *ldapitest.Server, result any) bool {
			created, _ := role(s, newKey)
			return created.ID == result.(*ldapi.CustomRole).Id
		}},
		{id: "getCustomRole", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			found, _, err := c.CustomRolesApi.GetCustomRole(ctx, ldapitest.PeopleManagerRoleKey).Execute()
			return found, err
		}, right: func(_ *ldapitest.Server, result any) bool {
			return result.(*ldapi.CustomRole).Id == ldapitest.PeopleManagerRoleID
		}},
		{id: "patchCustomRole", method: "PATCH", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			patch, err := ldapi.NewCustomRolePatch().AppendStatement(everything("proj/new")[0]).Patch()
			if err != nil {
				return nil, err
			}
			patched, _, err := c.CustomRolesApi.PatchCustomRole(ctx, ldapitest.PeopleManagerRoleKey).PatchWithComment(patch).Execute()
			return patched, err
		}, effects: func(s *ldapitest.Server) int {
			r, _ := role(s, ldapitest.PeopleManagerRoleKey)
			return len(r.Policy) - 1
		}, right: func(_ *ldapitest.Server, result any) bool { return len(result.(*ldapi.CustomRole).Policy) == 2 }},
		{id: "deleteCustomRole", method: "DELETE", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			_, err := c.CustomRolesApi.DeleteCustomRole(ctx, ldapitest.PeopleManagerRoleKey).Execute()
			return nil, err
		}, effects: func(s *ldapitest.Server) int {
			_, there := role(s, ldapitest.PeopleManagerRoleKey)
			return 1 - there
		}, right: nothing},
	}
}

func teamOperations() []operation {
	return []operation{
		{id: "getTeams", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			page, _, err := c.TeamsApi.GetTeams(ctx).Execute()
			return page, err
		}, right: func(s *ldapitest.Server, result any) bool { return len(result.(*ldapi.Teams).Items) == len(s.Teams()) }},
		{id: "postTeam", method: "POST", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			created, _, err := c.TeamsApi.PostTeam(ctx).TeamPostInput(*ldapi.NewTeamPostInput(newKey, "New")).Execute()
			return created, err
		}, effects: func(s *ldapitest.Server) int { return teams(s, newKey) },
			right: func(_ *ldapitest.Server, result any) bool { return result.(*ldapi.Team).GetKey() == newKey }},
		{id: "getTeam", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			found, _, err := c.TeamsApi.GetTeam(ctx, ldapitest.PlatformTeamKey).Execute()
			return found, err
		}, right: func(_ *ldapitest.Server, result any) bool { return result.(*ldapi.Team).GetName() == "Platform" }},
		{id: "patchTeam", method: "PATCH", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			patched, _, err := c.TeamsApi.PatchTeam(ctx, ldapitest.PlatformTeamKey).Instructions(ldapi.AddTeamMembers(ldapitest.ReaderID)).Execute()
			return patched, err
		}, effects: onTeam(ldapitest.ReaderID, ldapitest.PlatformTeamKey),
			right: func(_ *ldapitest.Server, result any) bool { return result.(*ldapi.Team).GetVersion() == 2 }},
		{id: "deleteTeam", method: "DELETE", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			_, err := c.TeamsApi.DeleteTeam(ctx, teamKey).Execute()
			return nil, err
		}, effects: func(s *ldapitest.Server) int { return 1 - teams(s, teamKey) }, right: nothing},
		{id: "postTeamMembers", method: "POST", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			file := strings.NewReader("email\nadam.adler@example.com\n")
			report, _, err := c.TeamsApi.PostTeamMembers(ctx, ldapitest.PlatformTeamKey).CSV(file).Execute()
			return report, err
		}, effects: onTeam(ldapitest.AdminID, ldapitest.PlatformTeamKey),
			right: func(_ *ldapitest.Server, result any) bool { return len(result.(*ldapi.TeamImportsRep).Items) == 1 }},
		{id: "getTeamMaintainers", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			page, _, err := c.TeamsApi.GetTeamMaintainers(ctx, ldapitest.PlatformTeamKey).Execute()
			return page, err
		}, right: func(_ *ldapitest.Server, result any) bool { return len(result.(*ldapi.TeamMaintainers).Items) == 0 }},
		{id: "getTeamRoles", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			page, _, err := c.TeamsApi.GetTeamRoles(ctx, ldapitest.PlatformTeamKey).Execute()
			return page, err
		}, right: func(_ *ldapitest.Server, result any) bool { return len(result.(*ldapi.TeamCustomRoles).Items) == 0 }},
		{id: "patchTeams", method: "PATCH", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			add := ldapi.AddMembersToTeams([]string{ldapitest.OwnerID}, []string{ldapitest.PlatformTeamKey})
			result, _, err := c.TeamsBetaApi.PatchTeams(ctx).Instructions(add).Execute()
			return result, err
		}, effects: onTeam(ldapitest.OwnerID, ldapitest.PlatformTeamKey), right: func(_ *ldapitest.Server, result any) bool {
			return slices.Equal(result.(*ldapi.BulkEditTeamsRep).MemberIDs, []string{ldapitest.OwnerID})
		}},
	}
}

func otherOperations() []operation {
	return []operation{
		{id: "getCallerIdentity", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			identity, _, err := c.OtherApi.GetCallerIdentity(ctx).Execute()
			return identity, err
		}, right: func(_ *ldapitest.Server, result any) bool {
			return result.(*ldapi.CallerIdentityRep).GetMemberId() == ldapitest.AdminID
		}},
		{id: "getVersions", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			versions, _, err := c.OtherApi.GetVersions(ctx).Execute()
			return versions, err
		}, right: func(_ *ldapitest.Server, result any) bool {
			return result.(*ldapi.VersionsRep).LatestVersion == 20240415
		}},
		{id: "getRoot", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			root, _, err := c.OtherApi.GetRoot(ctx).Execute()
			return root, err
		}, right: func(_ *ldapitest.Server, result any) bool { return len(result.(*ldapi.RootResponse).Links) > 0 }},
		{id: "getIps", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			ips, _, err := c.OtherApi.GetIps(ctx).Execute()
			return ips, err
		}, right: func(_ *ldapitest.Server, result any) bool { return len(result.(*ldapi.IpList).Addresses) > 0 }},
		{id: "getOpenapiSpec", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			resp, err := c.OtherApi.GetOpenapiSpec(ctx).Execute()
			if err != nil {
				return nil, err
			}
			document, err := io.ReadAll(resp.Body)
			return string(document), err
		}, right: func(_ *ldapitest.Server, result any) bool { return strings.Contains(result.(string), `"openapi":"3.`) }},
	}
}

func auditOperations() []operation {
	found := func(_ *ldapitest.Server, result any) bool {
		items := result.(*ldapi.AuditLogEntryListingRepCollection).Items
		return len(items) == 1 && items[0].Id == entryID
	}
	return []operation{
		{id: "getAuditLogEntries", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			page, _, err := c.AuditLogApi.GetAuditLogEntries(ctx).Q(entryName).Execute()
			return page, err
		}, right: found},
		{id: "postAuditLogEntries", method: "POST", safe: true, call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			page, _, err := c.AuditLogApi.PostAuditLogEntries(ctx).StatementPost(everything("team/" + teamKey)).Execute()
			return page, err
		}, right: found},
		{id: "postAuditLogEntryCounts", method: "POST", safe: true, call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			counts, _, err := c.AuditLogApi.PostAuditLogEntryCounts(ctx).After(time.Now().Add(-2 * time.Hour).UnixMilli()).
				StatementPost(everything("team/" + teamKey)).Execute()
			return counts, err
		}, right: func(_ *ldapitest.Server, result any) bool { return result.(*ldapi.CountBucketsResult).TotalCount == 1 }},
		{id: "getAuditLogEntry", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			entry, _, err := c.AuditLogApi.GetAuditLogEntry(ctx, entryID).Execute()
			return entry, err
		}, right: func(_ *ldapitest.Server, result any) bool { return result.(*ldapi.AuditLogEntryRep).Name == entryName }},
	}
}
