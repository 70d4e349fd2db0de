package inventory

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

type (
	client struct {
		CupsApi cupsAPI
		Other   cupsAPI // whose name does not end in Api
	}
	cupsAPI interface {
		FillCup(ctx context.Context, shelf, cup string) fillCup
		FillCupExecute(r fillCup) (*cup, *http.Response, error)
		Close()
	}
	cups    struct{}
	fillCup struct {
		path       []string
		limit      int64
		spoon      spoon
		additional []string
	}
	cup   struct{ Spoons []map[string]*spoon }
	spoon struct{ Cups []cup }
	lid   struct{}
)

func (cups) FillCup(_ context.Context, shelf, cup string) fillCup {
	return fillCup{path: []string{shelf, cup}}
}
func (cups) FillCupExecute(fillCup) (*cup, *http.Response, error) {
	return nil, nil, errors.New("empty")
}
func (cups) Close() {}

func (r fillCup) Limit(n int64) fillCup                  { r.limit = n; return r }
func (r fillCup) Spoon(s spoon) fillCup                  { r.spoon = s; return r }
func (r fillCup) Additional(all ...string) fillCup       { r.additional = all; return r }
func (r fillCup) Unset() fillCup                         { return fillCup{} }
func (r fillCup) Execute() (*cup, *http.Response, error) { return cups{}.FillCupExecute(r) }
func (cup) ToMap() (m map[string]any, err error)         { return m, err }
func (spoon) ToMap() (m map[string]any, err error)       { return m, err }
func (lid) ToMap() (m map[string]any, err error)         { return m, err }
func (r fillCup) Upload(*os.File) (fillCup, error)       { return r, nil }

func TestOperations(t *testing.T) {
	t.Parallel()
	all := Operations(&client{CupsApi: cups{}, Other: cups{}})
	require.Len(t, all, 1)
	o := all[0]
	require.Equal(t, []any{"fillCup", "CupsApi", 2}, []any{o.ID, o.Service, o.PathParameters()})
	require.Equal(t, []string{"a", "b"}, o.Begin(t.Context(), "a", "b").Interface().(fillCup).path)
	require.Equal(t, []string{"a", "a"}, o.Begin(t.Context(), "a").Interface().(fillCup).path)

	body, ok := o.Body()
	require.True(t, ok)
	require.Equal(t, "spoon", body.Name)
	kinds := map[string][2]bool{}
	request := o.Begin(t.Context(), "a")
	for _, s := range o.Setters() {
		kinds[s.Name] = [2]bool{s.IsParameter(), s.IsBody()}
		request = s.Set(request, map[string]reflect.Value{"limit": reflect.ValueOf(int64(7)), "spoon": reflect.ValueOf(spoon{}),
			"additional": reflect.ValueOf([]string{"x", "y"})}[s.Name])
	}
	require.Equal(t, map[string][2]bool{"limit": {true, false}, "spoon": {false, true}, "additional": {false, false}}, kinds)
	require.Equal(t, fillCup{path: []string{"a", "a"}, limit: 7, additional: []string{"x", "y"}}, request.Interface())
	model, resp, err := Execute(request)
	require.Nil(t, model)
	require.Nil(t, resp)
	require.EqualError(t, err, "empty")
}

func TestModels(t *testing.T) {
	t.Parallel()
	all := Models(&client{CupsApi: cups{}}, &lid{})
	require.Equal(t, []string{"cup", "lid", "spoon"}, slices.Sorted(maps.Keys(all)))
}

func TestCompare(t *testing.T) {
	t.Parallel()
	c := &client{CupsApi: cups{}}
	for _, test := range []struct{ ids, missing, surplus []string }{
		{nil, []string{"fillCup"}, nil},
		{[]string{"fillCup"}, nil, []string{}},
		{[]string{"washCup", "fillCup", "fillCup"}, nil, []string{"washCup", "fillCup"}},
		{[]string{"washCup"}, []string{"fillCup"}, []string{"washCup"}},
	} {
		missing, surplus := Compare(c, test.ids)
		require.Equal(t, test.missing, missing)
		require.ElementsMatch(t, test.surplus, surplus)
	}
}
