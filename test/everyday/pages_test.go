package everyday_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// pagedTokens is a fake of the other service with a list.
type pagedTokens struct {
	ldapi.AccessTokensApi
	asked []url.Values
}

func (f *pagedTokens) GetTokensExecute(r ldapi.ApiGetTokensRequest) (*ldapi.Tokens, *http.Response, error) {
	query := r.Params().Query
	f.asked = append(f.asked, query)
	p := &ldapi.Tokens{Items: []ldapi.Token{{Id: "b"}, {Id: "c"}}}
	if query.Get("offset") == "0" {
		p.Items, p.Links = []ldapi.Token{{Id: "a"}, {Id: "b"}}, &map[string]ldapi.Link{"next": {}}
	}
	p.SetTotalCount(4)
	return p, nil, nil
}

func TestListsOfTokens(t *testing.T) {
	t.Parallel()
	f := &pagedTokens{AccessTokensApi: ldapi.New().AccessTokensApi}
	r := f.GetTokens(t.Context()).ShowAll(true)
	r.ApiService = f
	var ids []string
	for token, err := range r.All() {
		require.NoError(t, err)
		ids = append(ids, token.Id)
	}
	require.Equal(t, []string{"a", "b", "c"}, ids)
	require.Equal(t, []url.Values{
		{"showAll": {"true"}, "limit": {"50"}, "offset": {"0"}},
		{"showAll": {"true"}, "limit": {"50"}, "offset": {"2"}},
	}, f.asked)

	tokens, err := r.Limit(2).Prefetch(2).Collect()
	require.NoError(t, err)
	require.Len(t, tokens, 3)
	for page, err := range r.Pages() {
		require.NoError(t, err)
		require.IsType(t, &ldapi.Tokens{}, page)
	}
}

func TestIteratorsAreLazy(t *testing.T) {
	t.Parallel()
	f := newPagedMembers((&pagedList{ids: memberNames("a", 25)}).answer)
	r := f.GetMembers(t.Context()).Limit(10)
	all, pages := r.All(), r.Prefetch(4).Pages()
	require.Empty(t, f.requests(), "nothing is requested before the loop")

	for range all {
		break
	}
	require.Equal(t, []string{"0+10"}, f.requests(), "nothing is requested after a break")
	n := 0
	for _, err := range all {
		require.NoError(t, err)
		if n++; n == 10 {
			break
		}
	}
	require.Equal(t, []string{"0+10", "0+10"}, f.requests(), "nothing is requested before the next page is needed")
	for range pages {
		break
	}
	require.Len(t, f.requests(), 3, "nothing is fetched ahead before the first page is done with")
}

func TestRangingAgainStartsOver(t *testing.T) {
	t.Parallel()
	f := newPagedMembers((&pagedList{ids: memberNames("a", 25)}).answer)
	for _, r := range []ldapi.ApiGetMembersRequest{f.GetMembers(t.Context()).Limit(10).Offset(5), f.GetMembers(t.Context()).Prefetch(3).Limit(10).Offset(5)} {
		all := r.All()
		for range 3 {
			var ids []string
			for member, err := range all {
				require.NoError(t, err)
				if ids = append(ids, member.Id); len(ids) == 12 {
					break
				}
			}
			require.Equal(t, memberNames("a", 17)[5:], ids)
		}
		count := 0
		for range all {
			for range all { // one within the other
				count++
			}
		}
		require.Equal(t, 20*20, count)
	}
}

// TestRequestsStayAsTheyAre: the iterators change neither the caller's request nor its parameters other than the page.
func TestRequestsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	type key struct{}
	f := newPagedMembers(nil)
	f.answer = func(ask pageRequest) (*ldapi.Members, error) {
		require.Equal(t, "mine", ask.ctx.Value(key{}), "values of the context reach the fake")
		return memberPage(-1, false), nil
	}
	ctx := context.WithValue(t.Context(), key{}, "mine")
	r := f.GetMembers(ctx).Filter("query:x").Sort("-lastSeen").Expand("customRoles").Offset(40)
	before := r.Params()
	_, err := r.Collect()
	require.NoError(t, err)
	require.Equal(t, before, r.Params())
	require.False(t, r.Params().Query.Has("limit"))
	require.Equal(t, []string{"40+100"}, f.requests(), "the default page of members")
}

func TestQueryOfIteratorsOnTheWire(t *testing.T) {
	t.Parallel()
	s := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
	_, err := s.Client().AccountMembersApi.GetMembers(t.Context()).
		FilterBy(ldapi.MemberFilter{Roles: []string{"admin", "reader"}}).Sort(ldapi.SortDisplayName).Limit(2).Collect()
	require.NoError(t, err)
	var queries []string
	for _, r := range s.Requests() {
		queries = append(queries, r.RawQuery)
	}
	require.Equal(t, []string{
		"filter=role%3Aadmin%7Creader&limit=2&offset=0&sort=displayName",
		"filter=role%3Aadmin%7Creader&limit=2&offset=2&sort=displayName",
	}, queries)
}

func TestPageSizesThatLeadNowhere(t *testing.T) {
	t.Parallel()
	s := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
	r := s.Client().AccountMembersApi.GetMembers(t.Context())
	for name, c := range map[string]struct {
		r         ldapi.ApiGetMembersRequest
		parameter string
		offset    int64
	}{
		"limit 0":            {r.Limit(0).Offset(7), "limit", 7},
		"limit negative":     {r.Limit(-1), "limit", 0},
		"prefetch negative":  {r.Prefetch(-1), "prefetch", 0},
		"offset negative":    {r.Offset(-5), "offset", -5},
		"limit 0, in flight": {r.Limit(0).Prefetch(8), "limit", 0},
	} {
		members, err := c.r.Collect()
		require.Equal(t, []ldapi.Member{}, members, name)
		var stopped *ldapi.PageError
		require.ErrorAs(t, err, &stopped, name)
		require.Equal(t, c.offset, stopped.Offset, name)
		var refused *ldapi.ArgumentError
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, c.parameter, refused.Parameter, name)
		require.Equal(t, "getMembers", refused.Operation, name)
		require.NotEmpty(t, refused.Reason, name)
		errs := 0
		for page, err := range c.r.Pages() {
			require.Error(t, err, name)
			require.Nil(t, page, name)
			errs++
		}
		require.Equal(t, 1, errs, name)
	}
	require.Empty(t, s.Requests(), "nothing is sent")
}

// failingAt is a list whose page at an offset fails as long as *broken.
func failingAt(l *pagedList, offset int, failure error, broken *bool) func(ask pageRequest) (*ldapi.Members, error) {
	return func(ask pageRequest) (*ldapi.Members, error) {
		if *broken && ask.offset == offset {
			return nil, failure
		}
		return l.answer(ask)
	}
}

func TestErrorsOfPages(t *testing.T) {
	t.Parallel()
	failure := errors.New("the line is dead")
	for _, prefetch := range []int{0, 4} {
		broken := true
		f := newPagedMembers(failingAt(&pagedList{ids: memberNames("a", 45)}, 20, failure, &broken))
		r := f.GetMembers(t.Context()).Limit(10).Prefetch(prefetch)
		var ids []string
		errs := 0
		for member, err := range r.All() {
			if err != nil {
				errs++
				require.Equal(t, "page at offset 20: the line is dead", err.Error())
				require.Zero(t, member)
				continue // a caller that does not stop gets no more items
			}
			require.Zero(t, errs, "nothing comes after the error")
			ids = append(ids, member.Id)
		}
		require.Equal(t, 1, errs)
		require.Equal(t, memberNames("a", 20), ids, "earlier items are yielded")

		members, err := r.Collect()
		require.Equal(t, memberNames("a", 20), memberIDs(members), "earlier items are returned along with the error")
		require.ErrorIs(t, err, failure)
		var stopped *ldapi.PageError
		require.ErrorAs(t, err, &stopped)
		require.Equal(t, ldapi.PageError{Offset: 20, Err: failure}, *stopped)

		broken = false
		rest, err := r.Offset(stopped.Offset).Collect()
		require.NoError(t, err)
		require.Equal(t, memberNames("a", 45), append(ids, memberIDs(rest)...))
	}
}

// TestErrorsAtTheFirstPage: errors have the caller's offset, and wrap the API's error.
func TestErrorsAtTheFirstPage(t *testing.T) {
	t.Parallel()
	s := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
	s.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusForbidden, Count: 2})
	r := s.Client().AccountMembersApi.GetMembers(t.Context()).Offset(3)
	members, err := r.Collect()
	require.Equal(t, []ldapi.Member{}, members)
	var stopped *ldapi.PageError
	require.ErrorAs(t, err, &stopped)
	require.Equal(t, int64(3), stopped.Offset)
	require.ErrorIs(t, err, ldapi.ErrForbidden)
	var apiErr *ldapi.GenericOpenAPIError
	require.ErrorAs(t, err, &apiErr)
	for _, err := range r.Pages() {
		require.ErrorIs(t, err, ldapi.ErrForbidden)
	}
}

// TestResumeAfterAStepBack: the error names the offset that was stepped back to.
func TestResumeAfterAStepBack(t *testing.T) {
	t.Parallel()
	l := pagedList{ids: memberNames("a", 25), before: func(ask pageRequest, l *pagedList) {
		if ask.call == 1 {
			l.remove(0, 3)
		}
	}}
	broken := true
	f := newPagedMembers(failingAt(&l, 7, errors.New("no"), &broken))
	members, err := f.GetMembers(t.Context()).Limit(10).Collect()
	var stopped *ldapi.PageError
	require.ErrorAs(t, err, &stopped)
	require.Equal(t, int64(7), stopped.Offset)
	broken = false
	rest, err := f.GetMembers(t.Context()).Limit(10).Offset(stopped.Offset).Collect()
	require.NoError(t, err)
	require.Equal(t, memberNames("a", 25), append(memberIDs(members), memberIDs(rest)...))
}

func TestIteratorsEndWithTheContext(t *testing.T) {
	t.Parallel()
	for _, prefetch := range []int{0, 4} {
		s := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
		ctx, cancel := context.WithCancel(t.Context())
		ids, errs := 0, 0
		for _, err := range s.Client().AccountMembersApi.GetMembers(ctx).Limit(1).Prefetch(prefetch).All() {
			if err != nil {
				require.ErrorIs(t, err, context.Canceled)
				errs++
				continue
			}
			ids++
			cancel()
		}
		require.Equal(t, 1, ids)
		require.Equal(t, 1, errs)
		cancel()
		_, err := s.Client().AccountMembersApi.GetMembers(ctx).Collect()
		require.ErrorIs(t, err, context.Canceled)
	}
}

// TestFilterByErrorsComeThroughIterators: an invalid filter is an error before a fake or a server is called.
func TestFilterByErrorsComeThroughIterators(t *testing.T) {
	t.Parallel()
	f := newPagedMembers((&pagedList{ids: memberNames("a", 3)}).answer)
	wrong := ldapi.MemberFilter{Emails: []string{}}
	for _, r := range []ldapi.ApiGetMembersRequest{
		f.GetMembers(t.Context()).FilterBy(wrong),
		ldapi.New(ldapi.WithBaseURL("http://127.0.0.1:1")).AccountMembersApi.GetMembers(t.Context()).FilterBy(wrong).Prefetch(4),
	} {
		members, err := r.Collect()
		require.Empty(t, members)
		var refused *ldapi.ArgumentError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, "MemberFilter.Emails", refused.Parameter)
		var stopped *ldapi.PageError
		require.ErrorAs(t, err, &stopped)
		for _, err := range r.All() {
			require.ErrorAs(t, err, &refused)
		}
		for _, err := range r.Pages() {
			require.ErrorAs(t, err, &refused)
		}
	}
	require.Empty(t, f.requests())

	members, err := f.GetMembers(t.Context()).FilterBy(wrong).FilterBy(ldapi.MemberFilter{Query: "x"}).Collect()
	require.NoError(t, err)
	require.Len(t, members, 3)
}
