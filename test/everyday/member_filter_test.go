package everyday_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

var lastSummer = time.Date(2025, 7, 1, 12, 0, 0, 0, time.UTC)

func TestMemberFilterEncode(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		filter ldapi.MemberFilter
		want   string
	}{
		"nothing":          {ldapi.MemberFilter{}, ``},
		"query":            {ldapi.MemberFilter{Query: "abc"}, `query:abc`},
		"query with colon": {ldapi.MemberFilter{Query: "a:b c"}, `query:a:b c`},
		"role":             {ldapi.MemberFilter{Roles: []string{ldapi.RoleAdmin, "customrole"}}, `role:admin|customrole`},
		"id":               {ldapi.MemberFilter{IDs: []string{ldapitest.AdminID, ldapitest.ReaderID}}, `id:5f00aa11bb22cc33dd44ee02|5f00aa11bb22cc33dd44ee04`},
		"email":            {ldapi.MemberFilter{Emails: []string{"dev+flags@example.com", "sam@example.com"}}, `email:dev+flags@example.com|sam@example.com`},
		"team":             {ldapi.MemberFilter{Team: "platform"}, `team:platform`},
		"no team":          {ldapi.MemberFilter{NoTeam: ldapi.PtrBool(true)}, `noteam:true`},
		"in a team":        {ldapi.MemberFilter{NoTeam: ldapi.PtrBool(false)}, `noteam:false`},
		"never seen":       {ldapi.MemberFilter{LastSeen: ldapi.LastSeenNever()}, `lastSeen:{"never":true}`},
		"no data":          {ldapi.MemberFilter{LastSeen: ldapi.LastSeenNoData()}, `lastSeen:{"noData":true}`},
		"seen before":      {ldapi.MemberFilter{LastSeen: ldapi.LastSeenBefore(lastSummer)}, `lastSeen:{"before":1751371200000}`},
		"access check":     {ldapi.MemberFilter{AccessCheck: "updateOn:proj/shop:env/staging:flag/a"}, `accessCheck:updateOn:proj/shop:env/staging:flag/a`},
		"the documented":   {ldapi.MemberFilter{Query: "abc", Roles: []string{"admin", "customrole"}}, `query:abc,role:admin|customrole`},
		"everything": {
			ldapi.MemberFilter{
				Query: "q", Roles: []string{"r"}, IDs: []string{"i"}, Emails: []string{"e"}, Team: "t", NoTeam: ldapi.PtrBool(false),
				LastSeen: ldapi.LastSeenNever(), AccessCheck: "a:b",
			},
			`query:q,role:r,id:i,email:e,team:t,noteam:false,lastSeen:{"never":true},accessCheck:a:b`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tc.filter.Encode()
			require.NoError(t, err)
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestMemberFilterRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		filter ldapi.MemberFilter
		field  string
	}{
		"comma in query":        {ldapi.MemberFilter{Query: "Field, Rosa"}, "Query"},
		"bar in query":          {ldapi.MemberFilter{Query: "a|b"}, "Query"},
		"comma in role":         {ldapi.MemberFilter{Roles: []string{"reader", "a,b"}}, "Roles"},
		"bar in role":           {ldapi.MemberFilter{Roles: []string{"reader|admin"}}, "Roles"},
		"no role":               {ldapi.MemberFilter{Roles: []string{}}, "Roles"},
		"empty role":            {ldapi.MemberFilter{Roles: []string{"reader", ""}}, "Roles"},
		"comma in id":           {ldapi.MemberFilter{IDs: []string{"a,b"}}, "IDs"},
		"no id":                 {ldapi.MemberFilter{IDs: []string{}}, "IDs"},
		"empty id":              {ldapi.MemberFilter{IDs: []string{""}}, "IDs"},
		"comma in email":        {ldapi.MemberFilter{Emails: []string{`"a,b"@example.com`}}, "Emails"},
		"bar in email":          {ldapi.MemberFilter{Emails: []string{"a|b@example.com"}}, "Emails"},
		"no email":              {ldapi.MemberFilter{Emails: []string{}}, "Emails"},
		"comma in team":         {ldapi.MemberFilter{Team: "a,b"}, "Team"},
		"bar in team":           {ldapi.MemberFilter{Team: "a|b"}, "Team"},
		"zero last seen":        {ldapi.MemberFilter{LastSeen: &ldapi.LastSeenFilter{}}, "LastSeen"},
		"comma in access check": {ldapi.MemberFilter{AccessCheck: "a:b,c"}, "AccessCheck"},
		"no resource":           {ldapi.MemberFilter{AccessCheck: "updateOn:"}, "AccessCheck"},
		"no action":             {ldapi.MemberFilter{AccessCheck: ":proj/shop"}, "AccessCheck"},
		"no colon":              {ldapi.MemberFilter{AccessCheck: "updateOn"}, "AccessCheck"},
		"the first of two":      {ldapi.MemberFilter{IDs: []string{}, Team: "a,b"}, "IDs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := tc.filter.Encode()
			assert.Empty(t, text)
			assert.Equal(t, "MemberFilter."+tc.field, refusedParameter(t, err))
			assert.ErrorContains(t, err, "ldapi: getMembers: MemberFilter."+tc.field+": ")

			client, p := tappedClient()
			_, _, err = client.AccountMembersApi.GetMembers(t.Context()).FilterBy(tc.filter).Execute()
			assert.Equal(t, "MemberFilter."+tc.field, refusedParameter(t, err))
			_, err = client.AccountMembersApi.GetMembers(t.Context()).FilterBy(tc.filter).Collect()
			assert.Equal(t, "MemberFilter."+tc.field, refusedParameter(t, err))
			assert.Empty(t, p.sent, "nothing is sent")

			client.AccountMembersApi = &fakeMemberService{} // which panics when it is called
			_, _, err = client.AccountMembersApi.GetMembers(t.Context()).FilterBy(tc.filter).Execute()
			assert.Equal(t, "MemberFilter."+tc.field, refusedParameter(t, err), "a fake's users get the check too")
		})
	}
}

// Filters are escaped once: escaped twice they match no members, and a bare plus is a space to the server.
func TestFilterByIsEncodedOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		filter ldapi.MemberFilter
		want   string
	}{
		"plus-address": {ldapi.MemberFilter{Emails: []string{"dev+flags@example.com", "sam@example.com"}}, `email%3Adev%2Bflags%40example.com%7Csam%40example.com`},
		"percent":      {ldapi.MemberFilter{Query: "100% a&b=c#"}, `query%3A100%25+a%26b%3Dc%23`},
		"json":         {ldapi.MemberFilter{LastSeen: ldapi.LastSeenBefore(lastSummer)}, `lastSeen%3A%7B%22before%22%3A1751371200000%7D`},
		"two terms":    {ldapi.MemberFilter{Query: "é", Team: "platform"}, `query%3A%C3%A9%2Cteam%3Aplatform`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, p := tappedClient()
			_, _, err := client.AccountMembersApi.GetMembers(t.Context()).FilterBy(tc.filter).Execute()
			require.NoError(t, err)
			assert.Equal(t, "filter="+tc.want, p.only(t).url.RawQuery)
		})
	}
}

func TestLastFilterWins(t *testing.T) {
	t.Parallel()
	bad, good := ldapi.MemberFilter{IDs: []string{}}, ldapi.MemberFilter{Team: "platform"}
	checked := ldapi.MemberFilter{AccessCheck: "updateOn:proj/shop"}
	type request = ldapi.ApiGetMembersRequest
	for name, tc := range map[string]struct {
		set  func(r request) request
		want string
	}{
		"Filter after FilterBy":                  {func(r request) request { return r.FilterBy(good).Filter("query:a") }, "filter=query%3Aa"},
		"FilterBy after Filter":                  {func(r request) request { return r.Filter("query:a").FilterBy(good) }, "filter=team%3Aplatform"},
		"an empty FilterBy removes the filter":   {func(r request) request { return r.Filter("query:a").FilterBy(ldapi.MemberFilter{}) }, ""},
		"a bad one is forgotten":                 {func(r request) request { return r.FilterBy(bad).FilterBy(good) }, "filter=team%3Aplatform"},
		"a bad one is forgotten by Filter":       {func(r request) request { return r.FilterBy(bad).Filter("query:a") }, "filter=query%3Aa"},
		"an access check is forgotten":           {func(r request) request { return r.FilterBy(checked).FilterBy(good) }, "filter=team%3Aplatform"},
		"an access check is forgotten by Filter": {func(r request) request { return r.FilterBy(checked).Filter("query:a") }, "filter=query%3Aa"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, p := tappedClient()
			before := client.AccountMembersApi.GetMembers(t.Context())
			_, _, err := tc.set(before).Execute()
			require.NoError(t, err)
			assert.Equal(t, tc.want, p.only(t).url.RawQuery)
			assert.Empty(t, before.Params().Query, "a request that is copied does not change")
		})
	}
	client, p := tappedClient()
	_, _, err := client.AccountMembersApi.GetMembers(t.Context()).FilterBy(good).FilterBy(bad).Execute()
	assert.Equal(t, "MemberFilter.IDs", refusedParameter(t, err))
	assert.Empty(t, p.sent)
}

func TestAccessCheckNeedsAnOldVersion(t *testing.T) {
	t.Parallel()
	type ctx = context.Context
	plain := func(c ctx) ctx { return c }
	header := func(name, v string) func(ctx) ctx {
		return func(c ctx) ctx { return ldapi.ContextWithHeader(c, name, v) }
	}
	version := func(v string) func(ctx) ctx { return func(c ctx) ctx { return ldapi.ContextWithAPIVersion(c, v) } }
	option := func(v string) ldapi.Option { return ldapi.WithAPIVersion(v) }
	byDefaultHeader := func(v string) ldapi.Option {
		return func(c *ldapi.Configuration) { c.DefaultHeader = map[string]string{"LD-API-Version": v} }
	}
	for name, tc := range map[string]struct {
		option ldapi.Option
		ctx    func(ctx) ctx
		sent   bool
	}{
		"the default":                         {option("20240415"), plain, false},
		"beta":                                {option("beta"), plain, false},
		"an old option":                       {option("20220603"), plain, true},
		"an older option":                     {option("20191212"), plain, true},
		"no version: the token's own decides": {option(""), plain, true},
		"an old context":                      {option("20240415"), version("20220603"), true},
		"a new context over an old option":    {option("20220603"), version("20240415"), false},
		"an old header of the context":        {option("20240415"), header("ld-api-version", "20220603"), true},
		"a new header of the context":         {option("20220603"), header("LD-API-Version", "20240415"), false},
		"an old default header":               {byDefaultHeader("20220603"), plain, true},
		"a new default header":                {byDefaultHeader("20240415"), plain, false},
		"a context over the default header":   {byDefaultHeader("20240415"), version("20220603"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, p := tappedClient(tc.option)
			r := client.AccountMembersApi.GetMembers(tc.ctx(t.Context())).FilterBy(ldapi.MemberFilter{AccessCheck: "updateOn:proj/shop"})
			_, _, err := r.Execute()
			if tc.sent {
				require.NoError(t, err)
				assert.Equal(t, "filter=accessCheck%3AupdateOn%3Aproj%2Fshop", p.only(t).url.RawQuery)
				return
			}
			assert.Equal(t, "MemberFilter.AccessCheck", refusedParameter(t, err))
			assert.ErrorContains(t, err, "20220603")
			assert.Empty(t, p.sent)
		})
	}
}

// Each field selects the matching members on the server.
func TestFilterBySelects(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	server.AddMember(ldapitest.Member{Email: "dev+flags@example.com", CustomRoles: []string{ldapitest.ReleaseManagerRoleKey}, NoLastSeenData: true})
	client := server.Client()
	for name, tc := range map[string]struct {
		filter ldapi.MemberFilter
		want   []string
	}{
		"nothing":      {ldapi.MemberFilter{}, []string{"olga.owens", "adam.adler", "wendy.walsh", "remy.reed", "dev+flags"}},
		"query":        {ldapi.MemberFilter{Query: "WALSH"}, []string{"wendy.walsh"}},
		"roles":        {ldapi.MemberFilter{Roles: []string{ldapi.RoleAdmin, ldapitest.ReleaseManagerRoleKey}}, []string{"olga.owens", "adam.adler", "dev+flags"}},
		"ids":          {ldapi.MemberFilter{IDs: []string{ldapitest.ReaderID, ldapitest.OwnerID}}, []string{"olga.owens", "remy.reed"}},
		"emails":       {ldapi.MemberFilter{Emails: []string{"DEV+flags@example.com", "remy.reed@example.com"}}, []string{"remy.reed", "dev+flags"}},
		"team":         {ldapi.MemberFilter{Team: ldapitest.PlatformTeamKey}, []string{"wendy.walsh"}},
		"no team":      {ldapi.MemberFilter{NoTeam: ldapi.PtrBool(true), Query: "example"}, []string{"olga.owens", "adam.adler", "remy.reed", "dev+flags"}},
		"in a team":    {ldapi.MemberFilter{NoTeam: ldapi.PtrBool(false)}, []string{"wendy.walsh"}},
		"never seen":   {ldapi.MemberFilter{LastSeen: ldapi.LastSeenNever()}, []string{"remy.reed"}},
		"no data":      {ldapi.MemberFilter{LastSeen: ldapi.LastSeenNoData()}, []string{"dev+flags"}},
		"seen before":  {ldapi.MemberFilter{LastSeen: ldapi.LastSeenBefore(time.Now().Add(-48 * time.Hour)), Roles: []string{"writer"}}, []string{"wendy.walsh"}},
		"access check": {ldapi.MemberFilter{AccessCheck: "createMember:member/new"}, []string{"olga.owens", "adam.adler"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if tc.filter.AccessCheck != "" {
				ctx = ldapi.ContextWithAPIVersion(ctx, "20220603")
			}
			var got []string
			for member, err := range client.AccountMembersApi.GetMembers(ctx).FilterBy(tc.filter).All() {
				require.NoError(t, err)
				name, _, _ := strings.Cut(member.Email, "@")
				got = append(got, name)
			}
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestSortAndExpandConstants(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	server.AddMember(ldapitest.Member{Email: "zoe@example.com", RoleAttributes: map[string][]string{"developerProjectKeys": {"shop"}}})
	client := server.Client()
	list := func(sort string) (emails []string) {
		page, _, err := client.AccountMembersApi.GetMembers(t.Context()).Sort(sort).Execute()
		require.NoError(t, err)
		for _, m := range page.Items {
			emails = append(emails, m.Email)
		}
		return emails
	}
	assert.Equal(t, "adam.adler@example.com", list(ldapi.SortDisplayName)[0])
	assert.Equal(t, "zoe@example.com", list(ldapi.Descending(ldapi.SortDisplayName))[0])
	assert.Equal(t, "olga.owens@example.com", list(ldapi.Descending(ldapi.SortLastSeen))[0])
	assert.Equal(t, "olga.owens@example.com", list(ldapi.SortLastSeen)[4])
	zoe, _, err := client.AccountMembersApi.GetMembers(t.Context()).Filter("query:zoe").Expand(ldapi.ExpandRoleAttributes + "," + ldapi.ExpandCustomRoles).Execute()
	require.NoError(t, err)
	assert.Equal(t, map[string][]string{"developerProjectKeys": {"shop"}}, zoe.Items[0].GetRoleAttributes())
	assert.Contains(t, zoe.Items[0].AdditionalProperties, "customRolesInfo")
}

func TestFindMemberByEmail(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	for _, email := range []string{"flags@example.com", "dev+flags@example.com", "dev+flags@example.com.test"} {
		server.AddMember(ldapitest.Member{Email: email})
	}
	for _, email := range []string{"flags@example.com", "FLAGS@Example.COM", "dev+flags@example.com", "Dev+Flags@example.com"} {
		member, err := server.Client().FindMemberByEmail(t.Context(), email)
		require.NoError(t, err, email)
		assert.Equal(t, strings.ToLower(email), member.Email)
	}
	for _, email := range []string{"lags@example.com", "dev%2Bflags@example.com", "nobody@example.com"} {
		member, err := server.Client().FindMemberByEmail(t.Context(), email)
		assert.Nil(t, member)
		require.ErrorIs(t, err, ldapi.ErrNotFound, email)
	}
	for _, email := range []string{"", "a,b@example.com", "a|b@example.com"} {
		_, err := server.Client().FindMemberByEmail(t.Context(), email)
		assert.Equal(t, "MemberFilter.Emails", refusedParameter(t, err))
	}
}

// A server whose email filter is fuzzy returns other members, too, even on the page before.
func TestFindMemberByEmailAtAFuzzyServer(t *testing.T) {
	t.Parallel()
	client, _ := tappedClient()
	pages := [][]string{{"x.sam@example.com", "sam@example.com.test"}, {"sam+x@example.com", "Sam@Example.com"}, {}}
	var asked []url.Values
	client.AccountMembersApi = &fakeMemberService{get: func(r ldapi.ApiGetMembersRequest) (*ldapi.Members, *http.Response, error) {
		page := ldapi.NewMembersWithDefaults()
		if len(asked) == 0 {
			page.Links = map[string]ldapi.Link{"next": {}}
		}
		for _, email := range pages[len(asked)] {
			page.Items = append(page.Items, ldapi.Member{Id: email, Email: email})
		}
		asked = append(asked, r.Params().Query)
		return page, nil, nil
	}}
	member, err := client.FindMemberByEmail(t.Context(), "sam@example.com")
	require.NoError(t, err)
	assert.Equal(t, "Sam@Example.com", member.Email)
	assert.Len(t, asked, 2)
	assert.Equal(t, "email:sam@example.com", asked[0].Get("filter"))
	asked = nil
	_, err = client.FindMemberByEmail(t.Context(), "am@example.com")
	require.ErrorIs(t, err, ldapi.ErrNotFound)
}

func TestFindMemberByEmailPassesErrorsOn(t *testing.T) {
	t.Parallel()
	client, _ := tappedClient()
	cause := errors.New("out of order")
	client.AccountMembersApi = &fakeMemberService{get: func(ldapi.ApiGetMembersRequest) (*ldapi.Members, *http.Response, error) {
		return nil, nil, cause
	}}
	_, err := client.FindMemberByEmail(t.Context(), "sam@example.com")
	require.ErrorIs(t, err, cause)
	require.NotErrorIs(t, err, ldapi.ErrNotFound)
	server := ldapitest.NewTestServer(t)
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusForbidden})
	_, err = server.Client().FindMemberByEmail(t.Context(), "sam@example.com")
	require.ErrorIs(t, err, ldapi.ErrForbidden)
}
