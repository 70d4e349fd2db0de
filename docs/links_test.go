package docs

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

var (
	link       = regexp.MustCompile(`\]\(([^()\s]+(?:\([^()\s]*\))?)(?: "[^"]*")?\)`)
	heading    = regexp.MustCompile(`^#{1,6} +(.*?) *#*$`)
	anchorTag  = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	inlineCode = regexp.MustCompile("`[^`]*`")
)

// prose returns the lines of a document outside of its blocks of code.
func prose(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.Split(string(text), "\n")
	code := false
	for i, line := range lines {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		if fence || code {
			lines[i] = ""
		}
		code = code != fence
	}
	require.False(t, code, "%s: a block of code does not end", path)
	return lines
}

// anchors returns what #… may follow a link to the document, by the rules of GitHub.
func anchors(lines []string) map[string]bool {
	found := map[string]bool{}
	for _, line := range lines {
		for _, tag := range anchorTag.FindAllStringSubmatch(line, -1) {
			found[tag[1]] = true
		}
		m := heading.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name := slug(m[1])
		unique := name
		for n := 1; found[unique]; n++ {
			unique = name + "-" + strconv.Itoa(n)
		}
		found[unique] = true
	}
	return found
}

// slug keeps letters, digits, "_" and "-" of a heading, in lower case, and replaces spaces by "-". It replaces links by their text.
func slug(text string) string {
	text = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(text, "$1")
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// problemOf describes the problem of a link in the document at path, or returns "" if it has a target. Links to other sites are
// not followed.
func problemOf(t *testing.T, path, target string) string {
	t.Helper()
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return "is not a URL"
	case u.Scheme == "https":
		return ""
	case u.Scheme != "" || strings.HasPrefix(target, "/"):
		return "is neither relative nor https"
	}
	to := path
	if u.Path != "" {
		to = filepath.Join(filepath.Dir(path), filepath.FromSlash(u.Path))
	}
	if _, err := os.Stat(to); err != nil {
		return "leads to no file"
	}
	if u.Fragment == "" {
		return ""
	}
	if filepath.Ext(to) != ".md" || !anchors(prose(t, to))[u.Fragment] {
		return "leads to no heading"
	}
	return ""
}

// documents returns the documents that users and contributors read.
func documents(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("..", "*.md"))
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			found = append(found, path)
		}
		return err
	}))
	return found
}

// TestLinksLeadSomewhere: the files and headings that documents link to exist.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	links := 0
	for _, path := range documents(t) {
		for i, line := range prose(t, path) {
			for _, m := range link.FindAllStringSubmatch(inlineCode.ReplaceAllString(line, "code"), -1) {
				links++
				if problem := problemOf(t, path, m[1]); problem != "" {
					t.Errorf("%s:%d: the link %s %s", path, i+1, m[1], problem)
				}
			}
		}
	}
	require.Greater(t, links, 200, "they were found")
}

// TestGuidesCanBeFound: each is linked from the README, and from the index of the reference.
func TestGuidesCanBeFound(t *testing.T) {
	t.Parallel()
	readme := strings.Join(prose(t, filepath.Join("..", "README.md")), "\n")
	index := strings.Join(prose(t, "README.md"), "\n")
	guides, err := filepath.Glob(filepath.Join("guides", "*.md"))
	require.NoError(t, err)
	require.NotEmpty(t, guides)
	for _, path := range guides {
		path = filepath.ToSlash(path)
		require.True(t, strings.Contains(readme, "(docs/"+path+")"), "README.md does not link to docs/%s", path)
		require.True(t, strings.Contains(index, "("+path+")"), "docs/README.md does not link to %s: run go generate", path)
	}
}

// TestLinksThatLeadNowhere: broken links are reported, and others are not.
func TestLinksThatLeadNowhere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.md")
	text := "# A `Thing`, twice!\n## A thing twice\n```\n# no heading\n```\n<a id=\"own\"></a>\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	for _, good := range []string{"a.md", "#a-thing-twice", "a.md#a-thing-twice-1", "#own", "https://example.com/x#y", "."} {
		require.Empty(t, problemOf(t, path, good), good)
	}
	for _, bad := range []string{"b.md", "#no-heading", "a.md#a-thing-twice-2", "/a.md", "http://example.com", "%zz", ".#a"} {
		require.NotEmpty(t, problemOf(t, path, bad), bad)
	}
}
