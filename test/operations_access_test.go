package ldapi_test

import (
	"context"
	"net/http"
	"strings"

	"github.com/ldapi-go/ldapi"
)

// everyAction is a policy that allows all actions on a resource.
func everyAction(resource string) []ldapi.StatementPost {
	return []ldapi.StatementPost{{Effect: "allow", Resources: []string{resource}, Actions: []string{"*"}}}
}

func roleOperations() []operation {
	return []operation{
		{id: "getCustomRoles", service: "CustomRolesApi", method: "GET", route: "/api/v2/roles",
			success: 200, reply: "custom_roles_page",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.CustomRolesApi.GetCustomRoles(ctx).Execute())
			}},
		{id: "postCustomRole", service: "CustomRolesApi", method: "POST", route: "/api/v2/roles",
			content: jsonContent,
			body:    `{"name":"On-call","key":"on-call","policy":[{"effect":"allow","resources":["proj/*"],"actions":["*"]}],"basePermissions":"reader"}`,
			success: 201, reply: "custom_role",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				role := ldapi.NewCustomRolePost("On-call", "on-call", everyAction("proj/*"))
				role.SetBasePermissions("reader")
				return outcome(c.CustomRolesApi.PostCustomRole(ctx).CustomRolePost(*role).Execute())
			}},
		{id: "getCustomRole", service: "CustomRolesApi", method: "GET", route: "/api/v2/roles/{customRoleKey}",
			success: 200, reply: "custom_role",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.CustomRolesApi.GetCustomRole(ctx, id).Execute())
			}},
		{id: "patchCustomRole", service: "CustomRolesApi", method: "PATCH", route: "/api/v2/roles/{customRoleKey}",
			content: jsonContent,
			body:    `{"patch":[{"op":"add","path":"/role","value":"writer"}],"comment":"OPS-7"}`,
			success: 200, reply: "custom_role",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				patch := ldapi.PatchWithComment{Patch: rolePatch("add"), Comment: ldapi.PtrString("OPS-7")}
				return outcome(c.CustomRolesApi.PatchCustomRole(ctx, id).PatchWithComment(patch).Execute())
			}},
		{id: "deleteCustomRole", service: "CustomRolesApi", method: "DELETE", route: "/api/v2/roles/{customRoleKey}",
			success: 204,
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				resp, err := c.CustomRolesApi.DeleteCustomRole(ctx, id).Execute()
				return nil, resp, err
			}},
	}
}

func teamOperations() []operation {
	return []operation{
		{id: "getTeams", service: "TeamsApi", method: "GET", route: "/api/v2/teams",
			success: 200, reply: "teams_page",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.TeamsApi.GetTeams(ctx).Execute())
			}},
		{id: "postTeam", service: "TeamsApi", method: "POST", route: "/api/v2/teams",
			content: jsonContent,
			body: `{"customRoleKeys":["release-manager"],"key":"checkout","memberIDs":["64b7f0c2a91e3d5f08c41a12"],"name":"Checkout",` +
				`"permissionGrants":[{"actionSet":"maintainTeam","memberIDs":["64b7f0c2a91e3d5f08c41a12"]}]}`,
			success: 201, reply: "team",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				input := ldapi.TeamPostInput{Key: "checkout", Name: "Checkout", CustomRoleKeys: []string{"release-manager"}, MemberIDs: []string{memberID},
					PermissionGrants: []ldapi.PermissionGrantInput{{ActionSet: ldapi.PtrString("maintainTeam"), MemberIDs: []string{memberID}}}}
				return outcome(c.TeamsApi.PostTeam(ctx).TeamPostInput(input).Execute())
			}},
		{id: "getTeam", service: "TeamsApi", method: "GET", route: "/api/v2/teams/{teamKey}",
			success: 200, reply: "team",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.TeamsApi.GetTeam(ctx, id).Execute())
			}},
		{id: "patchTeam", service: "TeamsApi", method: "PATCH", route: "/api/v2/teams/{teamKey}",
			content: semanticPatchContent,
			body:    `{"instructions":[{"kind":"addMembers","values":["64b7f0c2a91e3d5f08c41a12"]},{"kind":"updateName","value":"Shop"}]}`,
			success: 200, reply: "team",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.TeamsApi.PatchTeam(ctx, id).Instructions(ldapi.AddTeamMembers(memberID), ldapi.SetTeamName("Shop")).Execute())
			}},
		{id: "deleteTeam", service: "TeamsApi", method: "DELETE", route: "/api/v2/teams/{teamKey}",
			success: 204,
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				resp, err := c.TeamsApi.DeleteTeam(ctx, id).Execute()
				return nil, resp, err
			}},
		{id: "postTeamMembers", service: "TeamsApi", method: "POST", route: "/api/v2/teams/{teamKey}/members",
			content: "multipart/form-data; boundary=xyz",
			body: "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n" +
				"Content-Type: application/octet-stream\r\n\r\nnoor@example.com\n\r\n--xyz--\r\n",
			success: 201, reply: "team_import",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.TeamsApi.PostTeamMembers(ctx, id).CSV(strings.NewReader("noor@example.com\n")).Execute())
			}},
		{id: "getTeamMaintainers", service: "TeamsApi", method: "GET", route: "/api/v2/teams/{teamKey}/maintainers",
			success: 200, reply: "team_maintainers",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.TeamsApi.GetTeamMaintainers(ctx, id).Execute())
			}},
		{id: "getTeamRoles", service: "TeamsApi", method: "GET", route: "/api/v2/teams/{teamKey}/roles",
			success: 200, reply: "team_roles",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.TeamsApi.GetTeamRoles(ctx, id).Execute())
			}},
		{id: "patchTeams", service: "TeamsBetaApi", method: "PATCH", route: "/api/v2/teams",
			content: semanticPatchContent,
			body:    `{"instructions":[{"kind":"addMembersToTeams","memberIDs":["64b7f0c2a91e3d5f08c41a12"],"teamKeys":["platform"]}]}`,
			success: 200, reply: "teams_bulk_result", version: "beta",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				add := ldapi.AddMembersToTeams([]string{memberID}, []string{"platform"})
				return outcome(c.TeamsBetaApi.PatchTeams(ctx).Instructions(add).Execute())
			}},
	}
}

func otherOperations() []operation {
	return []operation{
		{id: "getCallerIdentity", service: "OtherApi", method: "GET", route: "/api/v2/caller-identity",
			success: 200, reply: "caller_identity",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.OtherApi.GetCallerIdentity(ctx).Execute())
			}},
		{id: "getVersions", service: "OtherApi", method: "GET", route: "/api/v2/versions",
			success: 200, reply: "versions",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.OtherApi.GetVersions(ctx).Execute())
			}},
		{id: "getRoot", service: "OtherApi", method: "GET", route: "/api/v2",
			success: 200, reply: "root",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.OtherApi.GetRoot(ctx).Execute())
			}},
		{id: "getIps", service: "OtherApi", method: "GET", route: "/api/v2/public-ip-list",
			success: 200, reply: "ips",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.OtherApi.GetIps(ctx).Execute())
			}},
		{id: "getOpenapiSpec", service: "OtherApi", method: "GET", route: "/api/v2/openapi.json",
			success: 200,
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				resp, err := c.OtherApi.GetOpenapiSpec(ctx).Execute()
				return nil, resp, err
			}},
	}
}

func auditOperations() []operation {
	return []operation{
		{id: "getAuditLogEntries", service: "AuditLogApi", method: "GET", route: "/api/v2/auditlog",
			success: 200, reply: "audit_page",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.AuditLogApi.GetAuditLogEntries(ctx).Execute())
			}},
		{id: "postAuditLogEntries", service: "AuditLogApi", method: "POST", route: "/api/v2/auditlog",
			content: jsonContent,
			body:    `[{"effect":"allow","resources":["member/*"],"actions":["*"]}]`,
			success: 200, reply: "audit_page",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.AuditLogApi.PostAuditLogEntries(ctx).StatementPost(everyAction("member/*")).Execute())
			}},
		{id: "postAuditLogEntryCounts", service: "AuditLogApi", method: "POST", route: "/api/v2/auditlog/counts", query: "after=1767139200000",
			content: jsonContent,
			body:    `[{"effect":"allow","resources":["team/*"],"actions":["*"]}]`,
			success: 200, reply: "audit_counts",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.AuditLogApi.PostAuditLogEntryCounts(ctx).After(1767139200000).StatementPost(everyAction("team/*")).Execute())
			}},
		{id: "getAuditLogEntry", service: "AuditLogApi", method: "GET", route: "/api/v2/auditlog/{id}",
			success: 200, reply: "audit_entry",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.AuditLogApi.GetAuditLogEntry(ctx, id).Execute())
			}},
	}
}
