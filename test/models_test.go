package ldapi_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/internal/inventory"
)

// models are all of them, as zero values.
func models() []ldapi.MappedNullable {
	var errorModels []any
	for _, f := range documentedFailures() {
		errorModels = append(errorModels, f.model)
	}
	found := inventory.Models(ldapi.New(), errorModels...)
	var all []ldapi.MappedNullable
	for _, name := range slices.Sorted(maps.Keys(found)) {
		all = append(all, reflect.Zero(found[name]).Interface().(ldapi.MappedNullable))
	}
	return all
}

// The tests of this file have all models: each has a file of its own.
func TestNoModelIsMissing(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../model_*.go")
	require.NoError(t, err)
	require.Len(t, models(), len(files), "no operation has the model, and documentedFailures in test/errors_test.go neither")
}

// properties returns the fields of a model that are properties of its JSON object.
func properties(model reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(model), func(f reflect.StructField) bool {
		return !f.IsExported() || f.Name == "AdditionalProperties"
	})
}

func method(t *testing.T, receiver reflect.Value, name string) reflect.Value {
	t.Helper()
	m := receiver.MethodByName(name)
	require.True(t, m.IsValid(), "%s has no %s", receiver.Type(), name)
	return m
}

// Accessors of a nil model report that nothing is set.
func TestAccessorsOfNilModels(t *testing.T) {
	t.Parallel()
	for _, model := range models() {
		none := reflect.Zero(reflect.PointerTo(reflect.TypeOf(model)))
		for _, f := range properties(reflect.TypeOf(model)) {
			got := method(t, none, "Get"+f.Name).Call(nil)[0]
			assert.True(t, got.IsZero(), "%T.Get%s", model, f.Name)
			got = method(t, none, "Get"+f.Name+"Ok").Call(nil)[1]
			assert.False(t, got.Bool(), "%T.Get%sOk", model, f.Name)
			if has := none.MethodByName("Has" + f.Name); has.IsValid() {
				assert.False(t, has.Call(nil)[0].Bool(), "%T.Has%s", model, f.Name)
			}
		}
	}
}

// The getters return the value that a setter sets, and it is encoded.
func TestAccessorsOfSetProperties(t *testing.T) {
	t.Parallel()
	for _, model := range models() {
		for _, f := range properties(reflect.TypeOf(model)) {
			o := reflect.New(reflect.TypeOf(model))
			_, optional := reflect.PointerTo(reflect.TypeOf(model)).MethodByName("Has" + f.Name)
			if optional {
				assert.False(t, method(t, o, "Get"+f.Name+"Ok").Call(nil)[1].Bool(), "%T.Get%sOk", model, f.Name)
			}
			set := method(t, o, "Set"+f.Name)
			v := sample(set.Type().In(0))
			set.Call([]reflect.Value{v})
			assert.Equal(t, v.Interface(), method(t, o, "Get"+f.Name).Call(nil)[0].Interface(), "%T.Get%s", model, f.Name)
			assert.True(t, method(t, o, "Get"+f.Name+"Ok").Call(nil)[1].Bool(), "%T.Get%sOk", model, f.Name)
			if optional {
				assert.True(t, method(t, o, "Has"+f.Name).Call(nil)[0].Bool(), "%T.Has%s", model, f.Name)
			}
			assertWrites(t, o.Interface().(ldapi.MappedNullable))
		}
	}
}

// sample returns a value of a type that is not its zero value.
func sample(of reflect.Type) reflect.Value {
	v := reflect.New(of).Elem()
	switch of.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(of, 1, 1))
	case reflect.Map:
		v.Set(reflect.MakeMap(of))
	case reflect.Interface:
		v.Set(reflect.ValueOf("x"))
	}
	return v
}

// assertWrites asserts that ToMap and MarshalJSON have the same properties, and that the JSON decodes to the same model.
func assertWrites(t *testing.T, model ldapi.MappedNullable) {
	t.Helper()
	asMap, err := model.ToMap()
	require.NoError(t, err)
	b, err := json.Marshal(model)
	require.NoError(t, err)
	var written map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(b, &written))
	assert.ElementsMatch(t, slices.Collect(maps.Keys(asMap)), slices.Collect(maps.Keys(written)), "%T", model)
	back := reflect.New(reflect.TypeOf(model).Elem())
	require.NoError(t, json.Unmarshal(b, back.Interface()), "%s", b)
	again, err := json.Marshal(back.Interface())
	require.NoError(t, err)
	assert.Equal(t, string(b), string(again))
}

// A zero model writes its required properties and nothing else: no null for a list or a map.
func TestZeroModelsWriteTheirRequiredProperties(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		model any
		want  string
	}{
		{ldapi.Token{}, `{"_id":"","ownerId":"","memberId":"","creationDate":0,"lastModified":0,"_links":{}}`},
		{ldapi.Tokens{}, `{}`},
		{ldapi.Members{}, `{"items":[],"_links":{}}`},
		{ldapi.AccessTokenPost{}, `{}`},
		{ldapi.NewMemberForm{}, `{"email":""}`},
		{ldapi.PatchOperation{}, `{"op":"","path":""}`},
		{ldapi.MembersPatchInput{}, `{"instructions":[]}`},
		{ldapi.MemberTeamsPostInput{}, `{"teamKeys":[]}`},
		{ldapi.Statement{}, `{"effect":""}`},
		{ldapi.Link{}, `{}`},
		{ldapi.NotFoundErrorRep{}, `{"code":"","message":""}`},
	} {
		b, err := json.Marshal(tc.model)
		require.NoError(t, err)
		assert.Equal(t, tc.want, string(b), "%T", tc.model)
	}
}

// An additional property with a declared name is encoded in its place, once.
func TestAdditionalPropertiesWin(t *testing.T) {
	t.Parallel()
	token := ldapi.Token{Id: "declared", AdditionalProperties: map[string]interface{}{"_id": "additional", "zeta": 1, "alpha": nil}}
	b, err := json.Marshal(token)
	require.NoError(t, err)
	assert.Equal(t, `{"ownerId":"","memberId":"","creationDate":0,"lastModified":0,"_links":{},"_id":"additional","alpha":null,"zeta":1}`, string(b))
	asMap, err := token.ToMap()
	require.NoError(t, err)
	assert.Equal(t, "additional", asMap["_id"])
}

func TestNullables(t *testing.T) {
	t.Parallel()
	type document struct {
		Name  ldapi.NullableString `json:"name"`
		Token ldapi.NullableToken  `json:"token"`
	}
	var d document
	require.NoError(t, json.Unmarshal([]byte(`{"name":null,"token":{"_id":"t1","name":null}}`), &d))
	assert.True(t, d.Name.IsSet())
	assert.Nil(t, d.Name.Get())
	assert.Equal(t, &ldapi.Token{Id: "t1"}, d.Token.Get())
	d.Name.Set(ldapi.PtrString("x"))
	d.Token.Unset()
	assert.False(t, d.Token.IsSet())
	b, err := json.Marshal(d)
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"x","token":null}`, string(b))
	assert.True(t, ldapi.NewNullableToken(nil).IsSet())
	assert.False(t, new(ldapi.NullableMember).IsSet())
}
