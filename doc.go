// Package ldapi calls the part of LaunchDarkly's REST API that manages access: access tokens,
// account members, custom roles, teams, the identity of the caller and the audit log.
//
// It is source-compatible with LaunchDarkly's stock-generated Go client for these services, and
// provides what users of that client write by hand. [New] returns a client; each operation is a
// request that is built step by step and executed:
//
//	client := ldapi.New(ldapi.WithAccessToken(os.Getenv("LD_ACCESS_TOKEN")))
//	tokens, _, err := client.AccessTokensApi.GetTokens(ctx).ShowAll(true).Limit(50).Execute()
//
// The methods of a request return a modified copy, which must be used. A client is safe for
// concurrent use by multiple goroutines. Guides for everyday tasks are in the [repository].
//
// # Where to start
//
// The index lists everything that the stock client has, including hundreds of constructors and accessors
// of models. Programs start from these:
//
//   - Clients: [New] and [ConfigurationFromEnv]. Their settings are listed below [Option].
//   - Operations: the fields of [APIClient]. [AccessTokensApi], [AccountMembersApi], [CustomRolesApi],
//     [TeamsApi], [TeamsBetaApi], [AuditLogApi] and [OtherApi] list them. The type of a request, such as
//     [ApiGetMembersRequest], describes its parameters; those of lists have All, Pages and Collect,
//     which read every page.
//   - Jobs of several requests: [APIClient.OffboardMember], [APIClient.InviteMissing],
//     [APIClient.InviteMembers], [APIClient.RotateToken], [APIClient.FindMemberByEmail],
//     [APIClient.LoadRoles], [APIClient.TeamMembers], [APIClient.DetachAndDeleteTeam] and
//     [APIClient.Whoami].
//   - Changes: [NewTokenPatch], [NewMemberPatch] and [NewCustomRolePatch]; the functions below
//     [MemberInstruction] and [TeamInstruction].
//   - Settings of one call: [ContextWithAccessToken], [ContextWithRetry], [ContextWithHeader],
//     [ContextWithAPIVersion] and [ContextWithProgress].
//   - Other endpoints: [APIClient.Do]. What surrounds each call: [WithMiddleware], [WithLogger].
//   - Tests: package [github.com/ldapi-go/ldapi/ldapitest], an in-memory server.
//
// The types named Nullable… and methods such as GetNameOk, HasName and ToMap exist for source
// compatibility. New programs rarely need them.
//
// # Errors
//
// A call with arguments that can never succeed is not sent: it returns an [ArgumentError] that
// names the argument. A response with a status of 300 or above is returned as a
// [GenericOpenAPIError] with status, code, message and the response itself. A call that gets no
// response wraps the error of net/http. Use [errors.Is] with sentinels such as [ErrNotFound] and
// [ErrEmailAlreadyInAccount].
//
// # Retries
//
// A call is repeated if it is answered with 429 or its request was certainly not sent, after the
// wait that the server asks for. GET and DELETE are also repeated after a broken connection or a
// 5xx, and so are the POSTs that only search the audit log. Another POST or PATCH is not sent again
// if the server may have applied it: its error matches [ErrOutcomeUnknown]. [WithRetry] and
// [ContextWithRetry] change that, and [NoRetry] turns it off; it is off if the caller supplies the
// http.Client. If a quota is used up, all goroutines of a client wait for it together.
//
// # Secrets
//
// A token is never printed, logged or part of an error. It is sent over https or to loopback only
// (see [WithInsecureHTTP]), and never along a redirect to another origin. The full secret of a
// token is part of the responses of PostToken and ResetToken, once: [Token] holds it, and its
// MarshalJSON writes it, because programs store it.
//
// # Decoding
//
// Decoding is tolerant: properties that are missing or null leave zero values, and unknown ones are
// kept in AdditionalProperties and written back. A value of the wrong type makes the call fail with
// [ErrDecode]; everything else is decoded and returned along with the error.
//
// [repository]: https://github.com/ldapi-go/ldapi/tree/main/docs/guides
package ldapi
