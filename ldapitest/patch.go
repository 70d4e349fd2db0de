package ldapitest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
)

// patchOperation is one step of a JSON Patch whose parts have been checked; raw is what the patch engine gets.
type patchOperation struct {
	op, root, from string
	whole          bool // the path is a property of the document itself and nothing inside it
	raw            map[string]json.RawMessage
}

// patch is a JSON Patch, with its text for the audit log.
type patch struct {
	steps   []patchOperation
	list    json.RawMessage
	comment string
}

// decodePatch reads a JSON Patch: an array of operations, or an object that adds a comment to one.
func decodePatch(body []byte) (patch, error) {
	p := patch{list: body}
	items, err := decodeList(body)
	if err != nil {
		wrapper, wrapperErr := decodeObject(body)
		if wrapperErr != nil || !wrapper.has("patch") {
			return p, err
		}
		p.comment, p.list = wrapper.text("comment"), wrapper.raw["patch"]
		if wrapper.err != nil {
			return p, wrapper.err
		}
		if items, err = decodeList(p.list); err != nil {
			return p, err
		}
	}
	for _, item := range items {
		step, err := decodePatchOperation(item)
		if err != nil {
			return p, err
		}
		p.steps = append(p.steps, step)
	}
	return p, nil
}

func decodePatchOperation(item json.RawMessage) (patchOperation, error) {
	p, err := decodeObject(item)
	if err != nil {
		return patchOperation{}, err
	}
	o := patchOperation{op: p.text("op"), raw: p.raw}
	path, from := p.text("path"), p.text("from")
	_, hasValue := p.raw["value"]
	switch {
	case p.err != nil:
		return o, p.err
	case !p.has("op") || !p.has("path"):
		return o, badRequest("patch: op and path are required")
	case !slices.Contains([]string{"add", "replace", "remove", "test", "move", "copy"}, o.op):
		return o, badRequest("patch: unknown op %q", o.op)
	case slices.Contains([]string{"add", "replace", "test"}, o.op) && !hasValue:
		return o, badRequest("patch: %s needs a value", o.op)
	}
	o.root, o.whole = pointerRoot(path)
	if o.op == "move" || o.op == "copy" {
		if !p.has("from") {
			return o, badRequest("patch: %s needs from", o.op)
		}
		o.from, _ = pointerRoot(from)
	}
	return o, nil
}

// pointerRoot returns the first name of a JSON Pointer, "" for one that points at no property.
func pointerRoot(path string) (root string, whole bool) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return "", false
	}
	root, _, inside := strings.Cut(rest, "/")
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(root), !inside
}

// roots are the properties that the patch changes.
func (p patch) roots() []string {
	var roots []string
	for _, o := range p.steps {
		if o.op != "test" {
			roots = append(roots, o.root)
		}
		if o.op == "move" {
			roots = append(roots, o.from)
		}
	}
	return roots
}

// touch reports whether the patch changes one of the properties.
func (p patch) touch(names ...string) bool {
	return slices.ContainsFunc(p.roots(), func(root string) bool { return slices.Contains(names, root) })
}

// apply runs the patch. Everything that keeps it from applying is 422, also a property that is unknown or read-only.
func (p patch) apply(document []byte, changeable map[string]string) (json.RawMessage, error) {
	for _, root := range p.roots() {
		if changeable[root] == "" {
			return nil, standardError(http.StatusUnprocessableEntity)
		}
	}
	steps := make([]map[string]json.RawMessage, 0, len(p.steps))
	for _, o := range p.steps {
		if o.op == "replace" && o.whole {
			// Observed: replacing a property that is absent sets it. For a property, add does just that.
			o.raw["op"] = json.RawMessage(`"add"`)
		}
		steps = append(steps, o.raw)
	}
	body, _ := json.Marshal(steps) // JSON that has just been read: cannot fail
	return runPatch(document, body)
}

// runPatch leaves the work to the patch engine, which panics when it compares some values that have null in them.
func runPatch(document, body []byte) (patched json.RawMessage, err error) {
	defer func() {
		if recover() != nil {
			patched, err = nil, standardError(http.StatusUnprocessableEntity)
		}
	}()
	decoded, err := jsonpatch.DecodePatch(body)
	if err != nil {
		return nil, standardError(http.StatusUnprocessableEntity)
	}
	patched, err = decoded.ApplyWithOptions(document, &jsonpatch.ApplyOptions{AccumulatedCopySizeLimit: maxBody})
	if err != nil {
		return nil, standardError(http.StatusUnprocessableEntity)
	}
	return patched, nil
}
