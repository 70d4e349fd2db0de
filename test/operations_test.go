package ldapi_test

import (
	"context"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/ldapi-go/ldapi"
)

const (
	jsonContent          = "application/json"
	semanticPatchContent = "application/json; domain-model=launchdarkly.semanticpatch"
)

// operation is an operation as in the API's description, with a function that calls it.
type operation struct {
	id, service, method string
	route               string // its parameter is replaced by the ID
	query               string
	content             string // Content-Type of the request
	body                string // of the request that call makes; of a form, with the boundary xyz
	version             string // LD-API-Version; empty for the usual one
	success             int
	reply               string // example of the answer, by the name of its file
	call                func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error)
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// parameter returns the name of the path parameter, or "" if there is none.
func (o operation) parameter() string {
	if m := placeholder.FindStringSubmatch(o.route); m != nil {
		return m[1]
	}
	return ""
}

// takesID reports whether the path holds an id.
func (o operation) takesID() bool { return o.parameter() != "" }

// uri returns the route with an ID in place of its parameter, and the query.
func (o operation) uri(id string) string {
	uri := placeholder.ReplaceAllLiteralString(o.route, id)
	if o.query != "" {
		uri += "?" + o.query
	}
	return uri
}

// wireForm returns the content type and the body of a request, with the boundary of a form replaced by xyz.
func wireForm(contentType string, body []byte) (content, text string) {
	_, params, _ := mime.ParseMediaType(contentType)
	if boundary := params["boundary"]; boundary != "" {
		return strings.ReplaceAll(contentType, boundary, "xyz"), strings.ReplaceAll(string(body), boundary, "xyz")
	}
	return contentType, string(body)
}

// outcome returns a plain nil for a model that was not returned.
func outcome[T any](model *T, resp *http.Response, err error) (any, *http.Response, error) {
	if model == nil {
		return nil, resp, err
	}
	return model, resp, err
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

func tokenOperations() []operation {
	const service = "AccessTokensApi"
	return []operation{
		{id: "getTokens", service: service, method: "GET", route: "/api/v2/tokens", success: 200, reply: "tokens_page",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.AccessTokensApi.GetTokens(ctx).Execute())
			}},
		{id: "postToken", service: service, method: "POST", route: "/api/v2/tokens", content: jsonContent,
			body: `{"role":"reader"}`, success: 201, reply: "token_created",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				post := ldapi.AccessTokenPost{Role: ldapi.PtrString("reader")}
				return outcome(c.AccessTokensApi.PostToken(ctx).AccessTokenPost(post).Execute())
			}},
		{id: "getToken", service: service, method: "GET", route: "/api/v2/tokens/{id}", success: 200,
			reply: "token_read_custom",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.AccessTokensApi.GetToken(ctx, id).Execute())
			}},
		{id: "patchToken", service: service, method: "PATCH", route: "/api/v2/tokens/{id}", content: jsonContent,
			body: `[{"op":"replace","path":"/role","value":"writer"}]`, success: 200, reply: "token_read_custom",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.AccessTokensApi.PatchToken(ctx, id).PatchOperation(rolePatch("replace")).Execute())
			}},
		{id: "deleteToken", service: service, method: "DELETE", route: "/api/v2/tokens/{id}", success: 204,
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				resp, err := c.AccessTokensApi.DeleteToken(ctx, id).Execute()
				return nil, resp, err
			}},
		{id: "resetToken", service: service, method: "POST", route: "/api/v2/tokens/{id}/reset", content: jsonContent,
			body: ``, success: 200, reply: "token_created",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.AccessTokensApi.ResetToken(ctx, id).Execute())
			}},
	}
}

func memberOperations() []operation {
	const service = "AccountMembersApi"
	return []operation{
		{id: "getMembers", service: service, method: "GET", route: "/api/v2/members", success: 200, reply: "members_page",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.AccountMembersApi.GetMembers(ctx).Execute())
			}},
		{id: "postMembers", service: service, method: "POST", route: "/api/v2/members", content: jsonContent,
			body: `[{"email":"sam@example.com"}]`, success: 201, reply: "members_invited",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				forms := []ldapi.NewMemberForm{{Email: "sam@example.com"}}
				return outcome(c.AccountMembersApi.PostMembers(ctx).NewMemberForm(forms).Execute())
			}},
		{id: "patchMembers", service: service, method: "PATCH", route: "/api/v2/members", content: semanticPatchContent,
			body:    `{"instructions":[{"kind":"replaceMembersRoles","memberIDs":["64b7f0c2a91e3d5f08c41a12"],"value":"reader"}]}`,
			success: 200, reply: "members_bulk_result",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				input := ldapi.MembersPatchInput{Instructions: []map[string]interface{}{
					{"kind": "replaceMembersRoles", "value": "reader", "memberIDs": []string{memberID}},
				}}
				return outcome(c.AccountMembersApi.PatchMembers(ctx).MembersPatchInput(input).Execute())
			}},
		{id: "getMember", service: service, method: "GET", route: "/api/v2/members/{id}", success: 200,
			reply: "member_full",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.AccountMembersApi.GetMember(ctx, id).Execute())
			}},
		{id: "patchMember", service: service, method: "PATCH", route: "/api/v2/members/{id}", content: jsonContent,
			body: `[{"op":"add","path":"/role","value":"writer"}]`, success: 200, reply: "member_full",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.AccountMembersApi.PatchMember(ctx, id).PatchOperation(rolePatch("add")).Execute())
			}},
		{id: "deleteMember", service: service, method: "DELETE", route: "/api/v2/members/{id}", success: 204,
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				resp, err := c.AccountMembersApi.DeleteMember(ctx, id).Execute()
				return nil, resp, err
			}},
		{id: "postMemberTeams", service: service, method: "POST", route: "/api/v2/members/{id}/teams", content: jsonContent,
			body: `{"teamKeys":["platform","checkout"]}`, success: 201, reply: "member_full",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				input := ldapi.MemberTeamsPostInput{TeamKeys: []string{"platform", "checkout"}}
				return outcome(c.AccountMembersApi.PostMemberTeams(ctx, id).MemberTeamsPostInput(input).Execute())
			}},
	}
}

func rolePatch(op string) []ldapi.PatchOperation {
	return []ldapi.PatchOperation{{Op: op, Path: "/role", Value: "writer"}}
}
