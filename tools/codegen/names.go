package main

import (
	"fmt"
	"go/build"
	"go/token"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// plainName matches names that codegen can turn into a Go name.
var plainName = regexp.MustCompile(`^[_$@]?[A-Za-z][A-Za-z0-9_. -]*$`)

func checkName(name string) error {
	if !plainName.MatchString(name) {
		return fmt.Errorf("codegen can make no Go name of %q", name)
	}
	return nil
}

// goName is the exported Go name of something that the description names.
func goName(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

func lowerFirst(s string) string {
	first := min(1, len(s))
	return strings.ToLower(s[:first]) + s[first:]
}

// variable is the Go name of a parameter: neither a keyword nor what generated code calls its variables.
func variable(name string) string {
	name = lowerFirst(goName(name))
	if token.IsKeyword(name) || slices.Contains([]string{"a", "ctx", "o", "r"}, name) {
		name += "_"
	}
	return name
}

// snake is a Go name in lower case, its words joined by underscores.
func snake(name string) string {
	var b strings.Builder
	r := []rune(name)
	for i, c := range r {
		if i > 0 && unicode.IsUpper(c) && (!unicode.IsUpper(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// goFile is the name of a Go file. An underscore keeps the go tool from taking its end for a system or for a test.
func goFile(name string) string {
	nowhere := build.Context{OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p\n")), nil
	}}
	if ok, err := nowhere.MatchFile("", name+".go"); err != nil || !ok || strings.HasSuffix(name, "_test") {
		name += "_"
	}
	return name + ".go"
}

// checkBuilders returns an error if the description names a method or an error that the hand-written files, whose names are given,
// do not have.
func (a *API) checkBuilders(names map[string]string) error {
	for _, s := range a.Services {
		for _, o := range s.Operations {
			fields := slices.Clone(o.Query)
			if o.Body != nil {
				fields = append(fields, o.Body)
			}
			for _, f := range fields {
				if method := o.Request() + "." + f.Builder; f.Builder != "" && names[method] == "" {
					return fmt.Errorf("%s %s: parameter %s: x-builder: no hand-written file has %s", o.Method, o.Path, f.Name, method)
				}
			}
			if r := o.Rejection; r != nil && names[r.Error] == "" {
				return fmt.Errorf("%s %s: response %d: x-error: no hand-written file has %s", o.Method, o.Path, r.Status, r.Error)
			}
		}
	}
	return nil
}

// checkNames fails when two things need one name. taken has the names of the hand-written files with their origins;
// wanted has a name, a tab and an origin in each line.
func checkNames(taken map[string]string, wanted string) error {
	for line := range strings.Lines(wanted) {
		name, origin, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if other, ok := taken[name]; ok && name != "" {
			return fmt.Errorf("the name %s is needed twice: by %s and by %s", name, other, origin)
		}
		taken[name] = origin
	}
	return nil
}
