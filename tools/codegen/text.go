package main

import (
	"fmt"
	doc "go/doc/comment"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// columns is how wide a line of the generated files may be; tabs count as four.
const columns = 120

var (
	listItem = regexp.MustCompile(`^ *([-*+]|\d+\.) `)
	markup   = regexp.MustCompile("`|\\*\\*|^#+ *")
	link     = regexp.MustCompile(`\[([^\]]+)\]\(([^)\s]+)\)`)
)

// comment makes a doc comment of CommonMark text: paragraphs, headings, lists and blocks of code. indent is how many tabs
// go before its lines.
func comment(indent int, text string) string {
	var b strings.Builder
	code, list := false, false
	for line := range strings.Lines(text) {
		switch list = listItem.MatchString(line) || list && strings.HasPrefix(line, " "); {
		case strings.HasPrefix(line, "```"):
			code = !code
			line = "\n"
		case code:
			line = "\t" + line
		case strings.HasPrefix(line, "#"):
			line = "\n# " + plain(line) + "\n"
		case list:
			line = "  " + plain(line)
		default:
			line = plain(line)
		}
		b.WriteString(line)
	}
	printer := doc.Printer{TextPrefix: "// ", TextCodePrefix: "//\t", TextWidth: columns - 4*indent - len("// ")}
	out := strings.TrimSpace(string(printer.Text(new(doc.Parser).Parse(b.String()))))
	return strings.ReplaceAll(out, "\n\n", "\n//\n") // the printer forgets the prefix within lists
}

// plain removes the markup from a line of CommonMark.
func plain(line string) string {
	return html.UnescapeString(markup.ReplaceAllString(link.ReplaceAllString(line, "$1 ($2)"), ""))
}

// cell makes CommonMark text fit into a cell of a table. Text between backquotes is code.
func cell(text string) string {
	parts := strings.Split(strings.Join(strings.Fields(text), " "), "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.NewReplacer("*", `\*`, "<", "&lt;").Replace(parts[i])
	}
	return strings.ReplaceAll(strings.Join(parts, "`"), "|", `\|`)
}

// is makes a sentence of a name and a description that describes what it is.
func is(name, verb, description string) string {
	if description = inner(description); strings.HasPrefix(description, "whether ") {
		verb = "reports"
	}
	return name + " " + verb + " " + description
}

// inner is a sentence as the later part of another one: its first word in lower case, unless it is a name.
func inner(sentence string) string {
	word, _, _ := strings.Cut(sentence, " ")
	if len(word) > 1 && strings.ContainsFunc(word[1:], unicode.IsUpper) {
		return sentence
	}
	return lowerFirst(sentence)
}

// literal is a scalar value of the description in Go code.
func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case string:
		return strconv.Quote(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
