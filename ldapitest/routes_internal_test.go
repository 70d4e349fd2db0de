package ldapitest

import (
	"slices"
	"testing"
)

func TestMatchRoute(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		route, path string
		ids         []string
		ok          bool
	}{
		{"/api/v2/teams", "/api/v2/teams", nil, true},
		{"/api/v2/teams/{teamKey}/roles", "/api/v2/teams/a%2Fb/roles", []string{"a/b"}, true},
		{"/api/v2/projects/{projectKey}/flags/{flagKey}", "/api/v2/projects/p/flags/f", []string{"p", "f"}, true},
		{"/api/v2/teams/{teamKey}", "/api/v2/teams/", nil, false},
		{"/api/v2/teams/{teamKey}", "/api/v2/teams", nil, false},
		{"/api/v2/teams/{teamKey}", "/api/v2/teams/%zz", nil, false},
		{"/api/v2/teams/{teamKey}", "/api/v2/members/m", nil, false},
	} {
		ids, ok := matchRoute(c.route, c.path)
		if ok != c.ok || !slices.Equal(ids, c.ids) {
			t.Errorf("%s with %s: %q, %t", c.route, c.path, ids, ok)
		}
	}
}
