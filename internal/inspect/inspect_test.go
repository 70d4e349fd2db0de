package inspect

import (
	"reflect"
	"testing"
)

// record has the kinds of fields that models have.
type record struct {
	ID                   string            `json:"_id"`
	Name                 *string           `json:"name,omitempty"`
	Roles                []string          `json:"roles,omitempty"`
	Items                []string          `json:"items"`
	Links                *map[string]int64 `json:"links,omitempty"`
	Value                interface{}       `json:"value,omitempty"`
	AdditionalProperties map[string]interface{}
	valueNull            bool
}

func TestProperties(t *testing.T) {
	t.Parallel()
	name := "a"
	for title, c := range map[string]struct {
		record record
		want   map[string]interface{}
	}{
		"required ones are always there": {record{}, map[string]interface{}{"_id": "", "items": []string(nil)}},
		"optional ones if they are set, also to an empty list": {
			record{ID: "1", Name: &name, Roles: []string{}, Links: &map[string]int64{}, Value: 1.5},
			map[string]interface{}{"_id": "1", "items": []string(nil), "name": &name, "roles": []string{}, "links": &map[string]int64{}, "value": 1.5},
		},
		"null": {record{valueNull: true}, map[string]interface{}{"_id": "", "items": []string(nil), "value": nil}},
		"additional ones win": {record{ID: "1", AdditionalProperties: map[string]interface{}{"_id": "2", "more": true}},
			map[string]interface{}{"_id": "2", "items": []string(nil), "more": true}},
	} {
		if got := Properties(&c.record); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", title, got, c.want)
		}
	}
}
