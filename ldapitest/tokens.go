package ldapitest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// tokenActions are the actions of roles that manage tokens.
var tokenActions = []string{"createAccessToken", "deleteAccessToken", "resetAccessToken", "updateAccessTokenName",
	"updateAccessTokenDescription", "updateAccessTokenPolicy", "updateAccessTokenExpiry"}

func (t *Token) resource() string {
	if t.ServiceToken {
		return "service-token/" + t.ID
	}
	return "member/" + t.MemberID + ":token/" + t.ID
}

// owns reports whether a token is the caller's own personal one, which anybody may manage.
func (c *caller) owns(t *Token) bool {
	return c.member != nil && !t.ServiceToken && t.MemberID == c.member.ID
}

func (c *caller) manages(t *Token, action string) bool {
	return c.owns(t) || c.allows(action, t.resource())
}

func (c *caller) reads(t *Token) bool {
	return t.ServiceToken || slices.ContainsFunc(tokenActions, func(action string) bool { return c.manages(t, action) })
}

// tokenFor finds the token of a request for a caller who may do one of the actions with it.
func (a *account) tokenFor(c *call, actions ...string) (*Token, error) {
	t := a.token(c.ids[0])
	if t == nil {
		return nil, standardError(http.StatusNotFound)
	}
	for _, action := range actions {
		if !c.caller.manages(t, action) {
			return nil, standardError(http.StatusForbidden)
		}
	}
	return t, nil
}

func (a *account) getTokens(c *call) (reply, error) {
	showAll := false
	switch c.query.Get("showAll") {
	case "", "false":
	case "true":
		showAll = true
	default:
		return reply{}, badRequest("showAll must be true or false")
	}
	everyone := c.caller.admin() && (showAll || c.caller.member == nil)
	var visible []*Token
	for _, t := range a.tokens {
		if t.ServiceToken || everyone || c.caller.owns(t) {
			visible = append(visible, t)
		}
	}
	links, shown := []string{"self", tokensPath}, visible
	if c.version > lastUnpagedVersion {
		p, err := parsePage(c.query, defaultTokens, a.cfg.maxTokens)
		if err != nil {
			return reply{}, err
		}
		links, shown = p.links(tokensPath, c.query, len(visible), !a.cfg.withoutNext), cut(p, visible)
	}
	items := make([]*object, 0, len(shown))
	for _, t := range shown {
		items = append(items, a.tokenObject(c.shape, t, false))
	}
	return reply{status: http.StatusOK, body: a.listObject(c.shape, items, links, len(visible))}, nil
}

func (a *account) getToken(c *call) (reply, error) {
	t, err := a.tokenFor(c)
	if err != nil {
		return reply{}, err
	}
	if !c.caller.reads(t) {
		return reply{}, standardError(http.StatusForbidden)
	}
	return reply{status: http.StatusOK, body: a.tokenObject(c.shape, t, false)}, nil
}

func (a *account) postToken(c *call) (reply, error) {
	t, err := a.parseToken(c.body)
	if err != nil {
		return reply{}, err
	}
	if t.ServiceToken {
		if !c.caller.allows("createAccessToken", "service-token/*") {
			return reply{}, standardError(http.StatusForbidden)
		}
	} else if c.caller.member == nil {
		return reply{}, forbidden("A service token has no member to own a personal token.")
	}
	if !a.mayGrant(c.caller, t) {
		return reply{}, forbidden("A token cannot have more permissions than the one that creates it.")
	}
	t.ID, t.Secret = a.newTokenID(), a.newSecret()
	t.MemberID = c.caller.token.MemberID
	t.CreationDate, t.LastModified = c.now, c.now
	a.tokens = append(a.tokens, t)
	return reply{status: http.StatusCreated, body: a.tokenObject(c.shape, t, true),
		change: t.change("created", "createAccessToken", nil, a.tokenVersion(t))}, nil
}

// parseToken reads an AccessTokenPost.
func (a *account) parseToken(body []byte) (*Token, error) {
	p, err := decodeObject(body)
	if err != nil {
		return nil, err
	}
	t := &Token{Name: p.text("name"), Description: p.text("description"), Role: p.text("role"),
		CustomRoleIDs: p.texts("customRoleIds"), InlineRole: p.statements("inlineRole"),
		ServiceToken: p.flag("serviceToken"), DefaultAPIVersion: currentVersion}
	if p.has("defaultApiVersion") {
		version := p.number("defaultApiVersion")
		if _, ok := knownVersions[strconv.FormatInt(version, 10)]; !ok && p.err == nil {
			p.err = badRequest("unknown defaultApiVersion %d", version)
		}
		t.DefaultAPIVersion = int(version)
	}
	if p.err != nil {
		return nil, p.err
	}
	if err = t.checkKind(); err != nil {
		return nil, err
	}
	t.CustomRoleIDs, err = a.roleIDs(t.CustomRoleIDs)
	return t, err
}

// checkKind asks for exactly one of the three kinds of permissions of a token.
func (t *Token) checkKind() error {
	kinds := 0
	for _, given := range []bool{t.Role != "", len(t.CustomRoleIDs) > 0, len(t.InlineRole) > 0} {
		if given {
			kinds++
		}
	}
	if kinds != 1 {
		return badRequest("exactly one of role, customRoleIds and inlineRole is required")
	}
	if t.Role != "" && !slices.Contains(tokenRoles, t.Role) {
		return badRequest("role must be reader, writer or admin")
	}
	return nil
}

// mayGrant reports whether the caller holds everything that a token will allow.
func (a *account) mayGrant(c *caller, t *Token) bool {
	if t.Role != "" {
		return c.coversRole(t.Role)
	}
	return c.covers(a.tokenGrant(t).policy)
}

func (a *account) deleteToken(c *call) (reply, error) {
	t, err := a.tokenFor(c, "deleteAccessToken")
	if err != nil {
		return reply{}, err
	}
	before := a.tokenVersion(t)
	a.tokens = slices.DeleteFunc(a.tokens, func(o *Token) bool { return o == t })
	return reply{status: http.StatusNoContent, change: t.change("deleted", "deleteAccessToken", before, nil)}, nil
}

func (a *account) resetToken(c *call) (reply, error) {
	t, err := a.tokenFor(c, "resetAccessToken")
	if err != nil {
		return reply{}, err
	}
	expires, err := resetExpiry(c)
	if err != nil {
		return reply{}, err
	}
	before := a.tokenVersion(t)
	// Secrets of earlier resets keep their own expiry.
	t.OldSecrets = append(t.OldSecrets, OldSecret{t.Secret, expires})
	t.Secret, t.LastModified = a.newSecret(), c.now
	return reply{status: http.StatusOK, body: a.tokenObject(c.shape, t, true),
		change: t.change("reset", "resetAccessToken", before, a.tokenVersion(t))}, nil
}

// resetExpiry returns when the old secret stops working: query, else body, else now. A time that has passed is now.
func resetExpiry(c *call) (time.Time, error) {
	var expiry int64
	if c.query.Has("expiry") {
		n, err := strconv.ParseInt(c.query.Get("expiry"), 10, 64)
		if err != nil {
			return time.Time{}, badRequest("expiry must be an integer, in milliseconds")
		}
		expiry = n
	} else if len(c.body) > 0 {
		p, err := decodeObject(c.body)
		if err != nil {
			return time.Time{}, err
		}
		if expiry = p.number("expiry"); p.err != nil {
			return time.Time{}, p.err
		}
	}
	if expiry <= c.now.UnixMilli() {
		return c.now, nil
	}
	return fromMillis(expiry), nil
}

func (a *account) newTokenID() string {
	for {
		if id := a.ids.objectID(); a.token(id) == nil {
			return id
		}
	}
}

func (a *account) newSecret() string {
	for {
		secret := a.ids.secret()
		if !slices.ContainsFunc(a.tokens, func(t *Token) bool { return t.knows(secret) }) {
			return secret
		}
	}
}

// knows reports whether a secret is, or was, the token's.
func (t *Token) knows(secret string) bool {
	return t.Secret == secret ||
		slices.ContainsFunc(t.OldSecrets, func(o OldSecret) bool { return o.Secret == secret })
}

func (a *account) patchToken(c *call) (reply, error) {
	t, err := a.tokenFor(c)
	if err != nil {
		return reply{}, err
	}
	ops, err := decodePatch(c.body)
	if err != nil {
		return reply{}, err
	}
	if err = a.checkTokenPatch(c.caller, t, ops.roots()); err != nil {
		return reply{}, err
	}
	before := a.tokenVersion(t)
	patched, err := ops.apply(before, tokenPatchRoots)
	if err != nil {
		return reply{}, err
	}
	policy := ops.touch("role", "customRoleIds", "inlineRole")
	next, err := a.patchedToken(t, patched, policy)
	if err != nil {
		return reply{}, err
	}
	if policy && !a.mayGrant(c.caller, next) {
		return reply{}, forbidden("A token cannot have more permissions than the one that changes it.")
	}
	next.LastModified = c.now
	*t = *next
	ch := t.change("updated", "", before, a.tokenVersion(t))
	ch.actions, ch.comment, ch.delta = ops.actions(tokenPatchRoots), ops.comment, ops.list
	return reply{status: http.StatusOK, body: a.tokenObject(c.shape, t, false), change: ch}, nil
}

// tokenPatchRoots are the properties of a token that a patch may change, with the action that each needs.
var tokenPatchRoots = map[string]string{
	"name":          "updateAccessTokenName",
	"description":   "updateAccessTokenDescription",
	"role":          "updateAccessTokenPolicy",
	"customRoleIds": "updateAccessTokenPolicy",
	"inlineRole":    "updateAccessTokenPolicy",
}

func (a *account) checkTokenPatch(c *caller, t *Token, roots []string) error {
	if !c.owns(t) && !slices.ContainsFunc(tokenActions, func(action string) bool { return c.allows(action, t.resource()) }) {
		return standardError(http.StatusForbidden)
	}
	for _, root := range roots {
		action := tokenPatchRoots[root]
		if action == "" {
			continue // apply refuses it
		}
		if t.ServiceToken && action == "updateAccessTokenPolicy" {
			return forbidden("The permissions of a service token cannot be changed.")
		}
		if !c.manages(t, action) {
			return standardError(http.StatusForbidden)
		}
	}
	return nil
}

// patchedToken reads a token back from its patched document, and checks its permissions if they were changed.
func (a *account) patchedToken(t *Token, document json.RawMessage, policy bool) (*Token, error) {
	p, err := decodeObject(document)
	if err != nil {
		return nil, err
	}
	next := t.clone()
	next.Name, next.Description, next.Role = p.text("name"), p.text("description"), p.text("role")
	next.CustomRoleIDs, next.InlineRole = p.texts("customRoleIds"), p.statements("inlineRole")
	if p.err != nil || !policy {
		return &next, p.err
	}
	if err = next.checkKind(); err != nil {
		return nil, err
	}
	return &next, a.checkRoleIDs(next.CustomRoleIDs)
}

func (t *Token) change(verb, action string, before, after json.RawMessage) *change {
	return &change{verb: verb, actions: []string{action}, resources: []string{t.resource()}, name: t.Name, before: before, after: after}
}
