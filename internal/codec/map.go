package codec

import "maps"

// Property is one property of a model, with the value of its field.
type Property struct {
	Name  string
	Value interface{}
	Set   bool // the model has it
}

// Map returns the properties that are set and the additional ones, which win over a property of the same name.
func Map(extra map[string]interface{}, properties ...Property) map[string]interface{} {
	set := len(extra)
	for _, p := range properties {
		if p.Set {
			set++
		}
	}
	m := make(map[string]interface{}, set)
	for _, p := range properties {
		if p.Set {
			m[p.Name] = p.Value
		}
	}
	maps.Copy(m, extra)
	return m
}
