package ldapitest

import "testing"

func TestGlob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "", true},
		{"*", "anything", true},
		{"", "", true},
		{"", "a", false},
		{"member/*", "member/x:token/y", true},
		{"member/*", "team/x", false},
		{"member/*:token/*", "member/x:token/y", true},
		{"member/*:token/*", "member/x", false},
		{"proj/*:env/*:flag/*", "proj/a:env/b:flag/c", true},
		{"proj/*:env/*:flag/*", "proj/a:flag/c:env/b", false},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"update*Name", "updateAccessTokenName", true},
		{"member/x", "member/xy", false},
	} {
		if got := glob(c.pattern, c.name); got != c.want {
			t.Errorf("glob(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}

func TestGrant(t *testing.T) {
	t.Parallel()
	flags := grant{policy: []Statement{
		{Effect: "allow", Resources: []string{"proj/*"}, NotActions: []string{"delete*"}},
		{Effect: "deny", Resources: []string{"proj/secret*"}, Actions: []string{"*"}},
	}}
	for _, c := range []struct {
		grant            grant
		action, resource string
		want             bool
	}{
		{grant{role: "owner"}, "deleteMember", "member/x", true},
		{grant{role: "admin"}, "*", "*", true},
		{grant{role: "writer"}, "updateOn", "proj/a:env/b:flag/c", true},
		{grant{role: "writer"}, "createMember", "member/*", false},
		{grant{role: "writer"}, "viewMember", "member/x", true},
		{grant{role: "writer"}, "*", "m*", false},
		{grant{role: "writer"}, "createAccessToken", "service-token/*", false},
		{grant{role: "reader"}, "viewProject", "proj/a", true},
		{grant{role: "reader"}, "updateOn", "proj/a", false},
		{grant{role: "no_access"}, "viewProject", "proj/a", false},
		{grant{}, "viewProject", "proj/a", false},
		{flags, "updateOn", "proj/a", true},
		{flags, "deleteFlag", "proj/a", false},
		{flags, "updateOn", "proj/secret:env/b", false},
		{flags, "updateOn", "member/x", false},
	} {
		if got := c.grant.allows(c.action, c.resource); got != c.want {
			t.Errorf("%+v: %s on %s = %v", c.grant, c.action, c.resource, got)
		}
	}
}
