package ldapitest

import (
	"net/http"
	"slices"
	"strings"
)

// AccountID is the ID of the account.
const AccountID = "5e00aa11bb22cc33dd44ee00"

// What the server invents for requests with the scheme Bearer, which it takes for those of an OAuth app.
const (
	clientID = "5e00aa11bb22cc33dd44eeff"
	appName  = "Example app"
)

func (a *account) getCallerIdentity(c *call) (reply, error) {
	t, kind := c.caller.token, "token"
	o := c.shape.object().set("accountId", AccountID)
	for _, name := range []string{"environmentId", "projectId", "environmentName", "projectName"} {
		o.optional(name, nil, false)
	}
	if c.caller.oauth {
		kind = "oauth"
	}
	o.set("authKind", kind).optional("tokenKind", "auth", !c.caller.oauth).optional("clientId", clientID, c.caller.oauth).
		optional("tokenName", t.Name, !c.caller.oauth).optional("tokenId", t.ID, !c.caller.oauth)
	memberID := ""
	if c.caller.member != nil {
		memberID = c.caller.member.ID
	}
	return reply{status: http.StatusOK, body: o.text("memberId", memberID).
		set("serviceToken", t.ServiceToken && !c.caller.oauth).set("scopes", []string{})}, nil
}

func (a *account) getVersions(c *call) (reply, error) {
	var versions []int
	for name, number := range knownVersions {
		if name != "beta" {
			versions = append(versions, number)
		}
	}
	slices.Sort(versions)
	return reply{status: http.StatusOK, body: c.shape.object().set("validVersions", versions).set("latestVersion", currentVersion).
		set("currentVersion", c.version).set("beta", c.beta())}, nil
}

// getRoot links what this server has.
func (a *account) getRoot(c *call) (reply, error) {
	return reply{status: http.StatusOK, body: c.shape.object().set("links", c.shape.links("accessTokens", tokensPath,
		"auditLog", auditPath, "customRoles", rolesPath, "members", membersPath, "self", "/api/v2", "teams", teamsPath))}, nil
}

// getIps answers with addresses that are reserved for documentation.
func (a *account) getIps(c *call) (reply, error) {
	return reply{status: http.StatusOK, body: c.shape.object().set("addresses", []string{"192.0.2.0/25", "192.0.2.128/25"}).
		set("outboundAddresses", []string{"198.51.100.7/32"})}, nil
}

// getOpenapiSpec describes the operations of this server, without their models.
func (a *account) getOpenapiSpec(*call) (reply, error) {
	paths := map[string]*object{}
	for _, op := range operations {
		if op.id == "" {
			continue
		}
		if paths[op.route] == nil {
			paths[op.route] = &object{}
		}
		paths[op.route].set(strings.ToLower(op.method), (&object{}).set("operationId", op.id).
			set("responses", (&object{}).set("default", (&object{}).set("description", "The response."))))
	}
	all := &object{}
	for _, path := range sortedKeys(paths) {
		all.set(path, paths[path])
	}
	info := (&object{}).set("title", "ldapitest").set("version", "2.0")
	return reply{status: http.StatusOK, body: (&object{}).set("openapi", "3.0.3").set("info", info).set("paths", all)}, nil
}

// getAccount is part of the API, but not of its description.
func (a *account) getAccount(c *call) (reply, error) {
	return reply{status: http.StatusOK, body: c.shape.object().set("organization", "Example")}, nil
}
