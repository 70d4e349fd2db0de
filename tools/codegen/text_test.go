package main

import (
	"strings"
	"testing"
)

func TestComment(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 40)
	cases := []struct{ name, text, want string }{
		{"markup", "A `code`, a **bold** word, a [link](https://x.example) &amp; more.", "// A code, a bold word, a link (https://x.example) & more."},
		{"paragraphs", "One.\nStill one.\n\nTwo.", "// One. Still one.\n//\n// Two."},
		{"list", "The list:\n\n- one\n  goes on\n- two\n\nAfter.", "// The list:\n//\n//   - one goes on\n//   - two\n//\n// After."},
		{"heading", "One.\n\n### Two\n\nThree.", "// One.\n//\n// # Two\n//\n// Three."},
		{"code", "One:\n\n```\n{\n  x\n}\n```\n\nTwo.", "// One:\n//\n//\t{\n//\t  x\n//\t}\n//\n// Two."},
		{"code after a list", "- one\n\n```\nx\n```\n", "//   - one\n//\n//     x"},
		{"long", long + long, "// " + strings.TrimSpace(strings.Repeat("word ", 23)) + "\n// "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := comment(0, c.text)
			if got != c.want && !(c.name == "long" && strings.HasPrefix(got, c.want)) {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			for line := range strings.Lines(got) {
				if len(strings.TrimSuffix(line, "\n")) > columns || !strings.HasPrefix(line, "//") {
					t.Errorf("the line %q", line)
				}
			}
		})
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	for description, want := range map[string]string{
		"the name.":                "Name is the name.",
		"The name.":                "Name is the name.",
		"whether it is named.":     "Name reports whether it is named.",
		"LaunchDarkly's own name.": "Name is LaunchDarkly's own name.",
		"ID of the thing.":         "Name is ID of the thing.",
	} {
		if got := is("Name", "is", description); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestGoNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"_id": "Id", "firstName": "FirstName", "invalid_emails": "InvalidEmails", "page-size": "PageSize", "Access tokens": "AccessTokens",
		"membersPatchInput": "MembersPatchInput", "x.y": "XY",
	} {
		if got := goName(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{"type": "type_", "_id": "id", "r": "r_", "ctx": "ctx_", "Link": "link"} {
		if got := variable(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"BulkEditMembersRep": "model_bulk_edit_members_rep.go", "IDPThing": "model_idp_thing.go", "Windows": "model_windows_.go",
		"LinuxArm64": "model_linux_arm64_.go", "LoadTest": "model_load_test_.go",
	} {
		if got := (&Model{Name: name}).File(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
