// Package ldapitest is an in-memory LaunchDarkly server for tests: the part of the REST API that manages access tokens, account
// members, custom roles, teams, the identity of the caller and the audit log.
//
// A program under test talks to it over real HTTP, with the client of package [github.com/ldapi-go/ldapi] or any other, and finds an
// account with state: a token that was created can be used, one that was reset stops working when its grace period is over, a
// member who was invited appears in the list of members, and each change adds an entry to the audit log.
//
//	func TestOffboarding(t *testing.T) {
//		server := ldapitest.NewTestServer(t)
//		sam := server.AddMember(ldapitest.Member{Email: "sam@example.com"})
//		if err := offboard(t.Context(), server.Client(), "sam@example.com"); err != nil {
//			t.Fatal(err)
//		}
//		for _, m := range server.Members() {
//			if m.ID == sam.ID {
//				t.Error("sam is still there")
//			}
//		}
//	}
//
// # The account
//
// A new server has four members (owner, admin, writer, reader), a personal token of each, an admin service token, two custom
// roles and a team. Their IDs and secrets are constants: [AdminToken], [ReaderID], [PlatformTeamKey] and so on.
// [Server.AddMember], [Server.AddToken], [Server.AddRole], [Server.AddTeam] and [Server.AddAuditEntry] add more.
// [Server.Members], [Server.Tokens], [Server.Roles], [Server.Teams], [Server.AuditLog] and [Server.Requests] show what
// happened, and [Server.Reset] starts over. Generated IDs and secrets are the same in each run.
//
// # Failures
//
// [Server.Fail] makes the next requests, or those of one operation, fail: a [Fault] is an error status, a rate limit with all
// kinds of headers, a connection that breaks at any point, or a slow, endless or exploding body. [WithRateLimit] sets real quotas,
// and other options (see [Option]) change the account or the shape of the answers. [Server.Handle] adds endpoints.
//
// # Time
//
// [WithClock] sets the account's clock. With [WithInMemory] the connections are pipes, so that a test in a testing/synctest bubble
// runs on the bubble's clock, server included. Create the server inside the bubble.
//
// # Permissions
//
// A personal token may do what both it and its member may do at present; a service token what its own policy allows. Owner and admin may do
// anything. A writer may do anything except administer the account: members, teams, roles, service tokens and other members'
// tokens. A reader may do what begins with "view", and no_access nothing; but everyone may read members, tokens, roles, teams and
// the audit log, and everyone may manage the own personal tokens and create more of them, as long as these can do no more than the caller. Custom
// roles, own or through a team, replace the base role of a member who is not the owner; their policies, and those of tokens, are
// evaluated with * for any text, and without tags. The accessCheck filter of older API versions answers by the same rules.
//
// # What is not known about the real API
//
// The server follows LaunchDarkly's published description and what has been observed of the real API. Where both are silent, it
// does something sensible, and a test should not lean on it:
//
//   - The status of refusals: 400 for a token with none or several of role, customRoleIds and inlineRole, for unknown roles, teams,
//     sort fields and filters, for page numbers that make no sense, for an unknown API version or two that differ, and for a
//     missing JSON content type; 403 for changing the permissions of a service token, for touching the owner or oneself, for SCIM,
//     and for patchMembers without an Enterprise plan; 404 for "me" with a service token and for malformed IDs; 422 for patching
//     what is unknown or read-only, and for a test that fails; 400 for seat_limit_reached and invite_limit_reached.
//   - A limit above the maximum is cut to it, and that maximum is 1000; an offset past the end yields an empty page; links keep all
//     parameters, and the last page has neither next nor last. Without a sort, lists are in order of creation.
//   - Filters: email and team match whole and without regard to case, role without any change of case; "before" of lastSeen also
//     matches members who were never active; nothing can be escaped. customRolesInfo is what expand=customRoles adds.
//   - JSON Patch: move and copy work, test works on all properties, null counts as absent, add, replace and test need a value, and
//     the wrapper with a comment is accepted. Each change of a member adds one to its version.
//   - Semantic patch: members who match a filter of the "all" kinds are left alone, as the documentation specifies; unknown members, the
//     owner and the caller are reported in errors; an instruction with a parameter that its kind does not have is refused.
//   - A deleted member's personal tokens stay in the list of all tokens, without effect. A service token cannot create personal
//     tokens. Calls with a token move its lastUsed, and not its member's _lastSeen.
//   - The expiry of a reset is also read from the body. Secrets replaced by earlier resets keep the expiry they were given.
//   - The addresses, links and totalCount of an invitation's answer; whether _member is in every token; whether names are unique:
//     here they are not.
//   - Custom roles: keys have letters, digits, dots, dashes and underscores; a key that is taken is 409, also for teams. A role that is
//     assigned can be deleted: members and teams lose it, tokens keep an ID that allows nothing. Invitations take keys only.
//   - Teams: unknown members, roles and parameters of an instruction are 400; a grant that is removed must exist; a role attribute
//     that is added must not; a patch counts one version. Grants are kept and shown, and have no effect on permissions. A team that
//     an identity provider manages refuses changes of its name and members with 403. The appliedOn of a role is the team's creation date.
//   - patchTeams without the beta version is 403; its errors name teams that are unknown or managed by an identity provider.
//   - Caller identity: the values of authKind and tokenKind; a request with the scheme Bearer is taken for one of an OAuth app.
//   - Audit log: before and after are exclusive; an entry lists each action with each resource; texts, and the states before and after,
//     are plain; a request that changes many resources adds one entry; the next link is the time of the oldest entry.
//   - Quotas: windows are fixed and begin with the first request; requests that are refused for lack of quota do not count.
//
// Not there at all: eventual consistency, CORS, sessions, the limit of 200 service tokens, tokens that expire, concurrent edits
// ([FaultStatus] with 409 stands for them), the 404 of a team that was just provisioned (FaultStatus, too), tags, and every other part
// of LaunchDarkly.
package ldapitest
