package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// document is a page of a list.
type document struct {
	name   string
	tokens bool // else members
	items  int
	indent bool
}

func documents() []document {
	return []document{
		{"token-1", true, 1, false}, {"tokens-25", true, 25, false}, {"tokens-25-indented", true, 25, true},
		{"members-1", false, 1, false}, {"members-20", false, 20, false}, {"members-20-indented", false, 20, true},
		{"members-1000", false, 1000, false}, {"members-1000-indented", false, 1000, true}, {"members-10000", false, 10000, false},
	}
}

// text writes the page, without white space unless it is indented.
func (d document) text() []byte {
	item, list := memberText, "members"
	if d.tokens {
		item, list = tokenText, "tokens"
	}
	items := make([]string, d.items)
	for i := range items {
		items[i] = fmt.Sprintf(item, fmt.Sprintf("%024x", 0x64b7f0c2+i), i)
	}
	page := fmt.Sprintf(`{"items":[%s],"_links":{"self":{"href":"/api/v2/%s?limit=%d","type":"application/json"}},"totalCount":%d}`,
		strings.Join(items, ","), list, d.items, d.items)
	var b bytes.Buffer
	layOut := func() error { return json.Compact(&b, []byte(page)) }
	if d.indent {
		layOut = func() error { return json.Indent(&b, []byte(page), "", "  ") }
	}
	if err := layOut(); err != nil {
		panic(err) // the text above is not JSON
	}
	return b.Bytes()
}

const memberText = `{
  "_links": {"self": {"href": "/api/v2/members/%[1]s", "type": "application/json"}}, "_id": "%[1]s",
  "firstName": "Noor%[2]d", "lastName": "Haddad%[2]d", "role": "no_access", "email": "noor%[2]d@example.com",
  "_pendingInvite": false, "_verified": true, "_pendingEmail": "noor.haddad%[2]d@example.com",
  "customRoles": ["64c1d2e3f4a5b6c7d8e9f001"],
  "customRolesInfo": [{"_id": "64c1d2e3f4a5b6c7d8e9f001", "key": "release-manager", "name": "Release manager"}],
  "mfa": "disabled", "mfaEnforced": true, "mfaGracePeriodExpiresAt": 1769817600000, "hasPassword": false, "excludedDashboards": [],
  "_lastSeen": 1767139200000, "_lastSeenMetadata": {"tokenId": "66a0b1c2d3e4f50617283940"},
  "_integrationMetadata": {"externalId": "idp-%[2]05d", "externalStatus": {"display": "Active", "value": "active"},
    "externalUrl": "https://idp.example.com/users/%[2]d", "lastChecked": 1767139100000},
  "teams": [
    {"customRoleKeys": ["release-manager"], "key": "platform", "name": "Platform", "_links": {"self": {"href": "/api/v2/teams/platform"}}},
    {"customRoleKeys": [], "key": "checkout", "name": "Checkout", "_links": {"self": {"href": "/api/v2/teams/checkout"}}}],
  "permissionGrants": [{"resource": "team/platform", "actions": ["maintainTeam"]}],
  "creationDate": 1735689600000, "oauthProviders": ["google"], "version": 7,
  "roleAttributes": {"developerProjectKeys": ["shop", "billing"]}
}`

const tokenText = `{
  "_id": "%[1]s", "ownerId": "5f00aa11bb22cc33dd44ee55", "memberId": "5f00aa11bb22cc33dd44ee66",
  "_member": {"_links": {"self": {"href": "/api/v2/members/5f00aa11bb22cc33dd44ee66", "type": "application/json"}},
    "_id": "5f00aa11bb22cc33dd44ee66", "firstName": "Adam", "lastName": "Adler", "role": "admin", "email": "adam.adler@example.com"},
  "name": "ci-deploys-%[2]d", "description": "used by job %[2]d", "creationDate": 1735689600000, "lastModified": 1735689600000,
  "inlineRole": [{"effect": "allow", "resources": ["proj/*:env/production:flag/*"], "actions": ["updateOn", "updateTargets"]}],
  "token": "3a%[2]02d", "serviceToken": true,
  "_links": {"parent": {"href": "/api/v2/tokens", "type": "application/json"}, "self": {"href": "/api/v2/tokens/%[1]s", "type": "application/json"}},
  "defaultApiVersion": 20240415, "lastUsed": 1767139200000
}`
