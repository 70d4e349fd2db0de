// Command prose counts phrases that make the documentation of this project hard to read, per 10,000 words of comments, guides and
// error texts.
//
//	go -C tools run ./prose
//	go -C tools run ./prose -where says
//
// Code in guides and directives in comments do not count.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// phrases are counted in any letter case. Most is the number allowed in 10,000 words.
var phrases = []struct {
	name    string
	pattern *regexp.Regexp
	most    float64
}{
	{"give(s)", regexp.MustCompile(`(?i)\bgives?\b`), 4},
	{"say(s)", regexp.MustCompile(`(?i)\bsays?\b`), 4},
	{"tell(s)", regexp.MustCompile(`(?i)\btells?\b`), 4},
	{"anew", regexp.MustCompile(`(?i)\banew\b`), 4},
	{"is none", regexp.MustCompile(`(?i)\b(is|are) none\b|\bno success\b`), 4},
	{"goes on", regexp.MustCompile(`(?i)\b(goes?|going) on\b`), 8},
	{"who(ever), nobody", regexp.MustCompile(`(?i)\b(whoever|nobody|somebody|everybody)\b`), 8},
	{"beside", regexp.MustCompile(`(?i)\bbeside\b`), 8},
	{"is there", regexp.MustCompile(`(?i)\b(is|are) there\b`), 8},
	{"of the moment", regexp.MustCompile(`(?i)\bof the moment\b|\bat hand\b|familiar face`), 1},
}

// text is a piece of prose and its position.
type text struct {
	path  string
	line  int
	prose string
}

func main() {
	root := flag.String("root", "..", "the `folder` of the project")
	where := flag.String("where", "", "list the lines with this `phrase` instead of counting")
	check := flag.Bool("check", false, "fail if a phrase is too frequent")
	flag.Parse()
	texts, err := collect(*root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "prose:", err)
		os.Exit(1)
	}
	if *where != "" {
		list(os.Stdout, texts, *where)
		return
	}
	if !report(os.Stdout, texts) && *check {
		os.Exit(1)
	}
}

// report prints a line for each phrase. It reports whether none is too frequent.
func report(w io.Writer, texts []text) bool {
	words, counts := 0, make([]int, len(phrases))
	for _, t := range texts {
		words += len(strings.Fields(t.prose))
		for i, p := range phrases {
			counts[i] += len(p.pattern.FindAllString(t.prose, -1))
		}
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "phrase\tcount\tin 10,000 of %d words\tmost\n", words)
	good := true
	for i, p := range phrases {
		rate := float64(counts[i]) * 10_000 / float64(max(words, 1))
		good = good && rate <= p.most
		fmt.Fprintf(table, "%s\t%d\t%.1f\t%.0f\n", p.name, counts[i], rate, p.most)
	}
	_ = table.Flush()
	return good
}

func list(w io.Writer, texts []text, phrase string) {
	pattern := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(phrase) + `\b`)
	for _, p := range phrases {
		if p.name == phrase {
			pattern = p.pattern
		}
	}
	for _, t := range texts {
		if pattern.MatchString(t.prose) {
			fmt.Fprintf(w, "%s:%d: %s\n", t.path, t.line, strings.Join(strings.Fields(t.prose), " "))
		}
	}
}

// collect reads all prose below root: comments and string literals with spaces of Go files, and Markdown and the descriptions of YAML
// without code.
func collect(root string) ([]text, error) {
	var texts []text
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "testdata"):
			return filepath.SkipDir
		case entry.IsDir():
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var found []text
		switch filepath.Ext(path) {
		case ".go":
			found, err = ofGo(path, content)
		case ".md":
			found = ofMarkdown(path, content)
		case ".tmpl", ".yaml":
			found = []text{{path, 1, string(content)}}
		}
		texts = append(texts, found...)
		return err
	})
	return texts, err
}

func ofGo(path string, content []byte) ([]text, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var texts []text
	add := func(pos token.Pos, prose string) { texts = append(texts, text{path, fset.Position(pos).Line, prose}) }
	for _, group := range f.Comments {
		for _, c := range group.List {
			if !strings.HasPrefix(c.Text, "//go:") {
				add(c.Pos(), strings.TrimPrefix(c.Text, "//"))
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if s, err := strconv.Unquote(literal.Value); err == nil && strings.Contains(s, " ") && !strings.ContainsAny(s, "{}<>=") {
				add(literal.Pos(), s)
			}
		}
		return true
	})
	slices.SortStableFunc(texts, func(a, b text) int { return a.line - b.line })
	return texts, nil
}

// ofMarkdown returns the lines outside of code.
func ofMarkdown(path string, content []byte) []text {
	var texts []text
	code := regexp.MustCompile("`[^`]*`")
	fenced := false
	for i, line := range strings.Split(string(content), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if !fenced && strings.TrimSpace(line) != "" {
			texts = append(texts, text{path, i + 1, code.ReplaceAllString(line, "x")})
		}
	}
	return texts
}
