package ldapi_test

import (
	"fmt"
	"regexp"
	"strings"
)

// surface turns a list of symbols into one Go program that compiles only if the package offers all of them. A line is
// "type T", "var V", "const C", "field T.F type", "func F(params) results" or "method T.M(params) results".
type surface struct {
	uses  []string
	fakes map[string][]string // methods of the service interfaces
	order []string            // of the interfaces
}

var (
	fieldLine     = regexp.MustCompile(`^(\w+)\.(\w+) (.+)$`)
	signatureLine = regexp.MustCompile(`^([\w.]+)(\(.*)$`)
	namedParam    = regexp.MustCompile(`^\w+ (.+)$`)
)

// compatProgram returns the program for a list of symbols of the package at path.
func compatProgram(symbols, path string) (string, error) {
	s := surface{fakes: map[string][]string{}}
	for line := range strings.Lines(symbols) {
		if line = strings.TrimRight(line, "\n"); line == "" {
			continue
		}
		kind, rest, found := strings.Cut(line, " ")
		if !found {
			return "", fmt.Errorf("%s: no symbol", line)
		}
		if err := s.add(kind, rest); err != nil {
			return "", fmt.Errorf("%s: %w", line, err)
		}
	}
	return s.program(path), nil
}

func (s *surface) use(format string, args ...any) {
	s.uses = append(s.uses, fmt.Sprintf(format, args...))
}

func (s *surface) add(kind, rest string) error {
	switch kind {
	case "type":
		s.use("var _ *%s", rest)
	case "var", "const":
		s.use("var _ = %s", rest)
	case "field":
		m := fieldLine.FindStringSubmatch(rest)
		if m == nil {
			return fmt.Errorf("no field")
		}
		s.use("var _ = func(o *%s, v %s) %s { o.%s = v; return o.%s }", m[1], m[3], m[3], m[2], m[2])
	case "func", "method":
		m := signatureLine.FindStringSubmatch(rest)
		if m == nil {
			return fmt.Errorf("no signature")
		}
		return s.addFunction(kind, m[1], m[2])
	default:
		return fmt.Errorf("unknown kind")
	}
	return nil
}

func (s *surface) addFunction(kind, name, signature string) error {
	types, results, err := parseSignature(signature)
	if err != nil {
		return err
	}
	var declared, passed []string
	for i, t := range types {
		declared = append(declared, fmt.Sprintf("p%d %s", i, t))
		if strings.HasPrefix(t, "...") {
			passed = append(passed, fmt.Sprintf("p%d...", i))
		} else {
			passed = append(passed, fmt.Sprintf("p%d", i))
		}
	}
	params, args, keyword := strings.Join(declared, ", "), strings.Join(passed, ", "), ""
	if results != "" {
		keyword = "return "
	}
	if kind == "func" {
		s.use("var _ = func(%s) %s { %s%s(%s) }", params, results, keyword, name, args)
		return nil
	}
	owner, method, _ := strings.Cut(name, ".")
	receiver := "*" + owner
	switch {
	case owner == "MappedNullable":
		receiver = owner
	case strings.HasSuffix(owner, "Api"):
		receiver = owner
		if s.fakes[owner] == nil {
			s.order = append(s.order, owner)
		}
		s.fakes[owner] = append(s.fakes[owner], fmt.Sprintf("func (fake%s) %s(%s) %s { panic(0) }", owner, method, params, results))
	}
	separator := ""
	if params != "" {
		separator = ", "
	}
	s.use("var _ = func(o %s%s%s) %s { %so.%s(%s) }", receiver, separator, params, results, keyword, method, args)
	return nil
}

// parseSignature splits "(a T, b U) results" into the parameters' types and the results.
func parseSignature(signature string) (types []string, results string, err error) {
	depth := 0
	for i, ch := range signature {
		switch ch {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth > 0 {
			continue
		}
		for _, param := range splitParams(signature[1:i]) {
			if m := namedParam.FindStringSubmatch(param); m != nil {
				param = m[1]
			}
			types = append(types, param)
		}
		results = strings.TrimSpace(signature[i+1:])
		if results == "(err error)" {
			results = "error"
		}
		return types, results, nil
	}
	return nil, "", fmt.Errorf("no end of the parameters")
}

// splitParams splits at the commas that are outside of brackets.
func splitParams(list string) (params []string) {
	depth, start := 0, 0
	for i, ch := range list {
		switch {
		case strings.ContainsRune("([{", ch):
			depth++
		case strings.ContainsRune(")]}", ch):
			depth--
		case ch == ',' && depth == 0:
			params = append(params, strings.TrimSpace(list[start:i]))
			start = i + 1
		}
	}
	if last := strings.TrimSpace(list[start:]); last != "" {
		params = append(params, last)
	}
	return params
}

func (s *surface) program(path string) string {
	var b strings.Builder
	b.WriteString("// generated: compiles only if the package offers the whole surface\npackage main\n\n")
	fmt.Fprintf(&b, "import (\n\t\"context\"\n\t\"io\"\n\t\"net/http\"\n\t\"net/url\"\n\t\"os\"\n\t\"time\"\n\n\t. %q\n)\n\n", path)
	b.WriteString("var (\n\t_ context.Context\n\t_ io.Writer\n\t_ *http.Response\n\t_ *url.URL\n\t_ *os.File\n\t_ time.Time\n)\n\n")
	b.WriteString(strings.Join(s.uses, "\n") + "\n")
	for _, service := range s.order {
		fmt.Fprintf(&b, "\ntype fake%s struct{}\n%s\n\n", service, strings.Join(s.fakes[service], "\n"))
		b.WriteString("// a fake with exactly these methods must satisfy the interface: a method more breaks users\n")
		fmt.Fprintf(&b, "var _ %s = fake%s{}\n", service, service)
	}
	b.WriteString("\nfunc main() {}\n")
	return b.String()
}
