package main

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ldapi-go/ldapi/examples/internal/output"
)

// writeTable prints the findings, and what the account has, for a terminal.
func writeTable(w io.Writer, a *audit) error {
	t := output.NewTable(w)
	t.Row(strconv.Itoa(len(a.Findings)) + " findings")
	t.Row()
	t.Row("RULE", "SUBJECT", "REASON")
	for _, f := range a.Findings {
		t.Row(f.Rule, f.Subject, f.Reason)
	}
	t.Row()
	t.Row("MEMBER", "ROLE", "CUSTOM ROLES", "TEAMS", "MFA", "LAST SEEN")
	for _, m := range a.Members {
		t.Row(m.Email, m.Role, joined(m.Roles), joined(m.Teams), m.MFA, m.seen())
	}
	t.Row()
	t.Row("TOKEN", "KIND", "OWNER", "PERMISSION", "CREATED", "LAST USED")
	for _, k := range a.Tokens {
		t.Row(k.Name, k.Kind(), k.Owner, k.Permission, day(&k.Created), day(k.LastUsed))
	}
	t.Row()
	t.Row("TEAM", "MEMBERS", "MAINTAINERS", "CUSTOM ROLES")
	for _, m := range a.Teams {
		t.Row(m.Key, strconv.Itoa(m.Members), strconv.Itoa(m.Maintainers), joined(m.Roles))
	}
	t.Row()
	t.Row("ROLE", "MEMBERS", "TEAMS", "TOKENS")
	for _, r := range a.Roles {
		t.Row(r.Key, strconv.Itoa(r.Members), strconv.Itoa(r.Teams), strconv.Itoa(r.Tokens))
	}
	t.Row()
	t.Row(fmt.Sprintf("LAST %d DAYS", a.Days), "BY", "CHANGE")
	for _, e := range a.Events {
		t.Row(e.Time.Format("2006-01-02 15:04"), e.Who, strings.TrimSpace(e.What+" "+e.Comment))
	}
	return t.Flush()
}

func joined(list []string) string { return cmp.Or(strings.Join(list, ", "), "-") }

func (m member) seen() string {
	if m.Pending {
		return "invited"
	}
	return day(m.LastSeen)
}

// Kind is personal or service.
func (t token) Kind() string {
	if t.Service {
		return "service"
	}
	return "personal"
}

func writeJSON(w io.Writer, a *audit) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(a)
}

// writeCSV writes a line for each member, token, team and role.
func writeCSV(w io.Writer, a *audit) error {
	found := map[string][]string{}
	for _, f := range a.Findings {
		found[f.Kind+f.ID] = append(found[f.Kind+f.ID], f.Rule+": "+f.Reason)
	}
	c := output.NewCSV(w)
	line := func(kind, id string, cells ...string) {
		row := append([]string{kind, id}, cells...)
		c.Row(append(row, strings.Join(found[kind+id], "; "))...)
	}
	found["kindid"] = []string{"findings"}
	line("kind", "id", "name", "owner", "role", "custom roles", "teams", "mfa", "created", "last active", "members")
	for _, m := range a.Members {
		line("member", m.ID, m.Name, m.Email, m.Role, strings.Join(m.Roles, " "), strings.Join(m.Teams, " "), m.MFA, day(&m.Created), m.seen(), "")
	}
	for _, t := range a.Tokens {
		line("token", t.ID, t.Name, t.Owner, t.Permission, "", "", t.Kind(), day(&t.Created), day(t.LastUsed), "")
	}
	for _, t := range a.Teams {
		line("team", t.Key, t.Name, "", "", strings.Join(t.Roles, " "), "", "", "", "", strconv.Itoa(t.Members))
	}
	for _, r := range a.Roles {
		line("role", r.ID, r.Name, "", r.Key, "", "", "", "", "", strconv.Itoa(r.Members))
	}
	return c.Flush()
}

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"day": day, "joined": joined, "seen": member.seen,
	"created": func(t time.Time) string { return day(&t) },
	"minute":  func(t time.Time) string { return t.Format("2006-01-02 15:04") },
}).Parse(pageText))

func writeHTML(w io.Writer, a *audit) error {
	return page.Execute(w, struct {
		*audit
		Charts []chart
		Rules  []bar
	}{a, []chart{a.membersByRole(), a.tokensByAge(), a.lastSeenByMonth()}, a.findingsByRule()})
}

// chart is a bar chart. Its geometry is computed here, so that the page needs no script for it.
type chart struct {
	Title string
	Bars  []bar
}

type bar struct {
	Label        string
	N            int
	Y, Text      int
	Width, After int
}

// newChart lays out bars below each other, in the order of the labels.
func newChart(title string, labels []string, counts map[string]int) chart {
	c, most := chart{Title: title}, 1
	for _, n := range counts {
		most = max(most, n)
	}
	for i, label := range labels {
		width := counts[label] * 220 / most
		c.Bars = append(c.Bars, bar{Label: label, N: counts[label], Y: i * 26, Text: i*26 + 15, Width: width, After: 110 + width + 8})
	}
	return c
}

// Height is that of the drawing.
func (c chart) Height() int { return 26*len(c.Bars) + 4 }

func (a *audit) membersByRole() chart {
	counts := map[string]int{}
	for _, m := range a.Members {
		counts[m.Role]++
	}
	labels := []string{"owner", "admin", "writer", "reader", "no_access"}
	for _, m := range a.Members {
		if !slices.Contains(labels, m.Role) {
			labels = append(labels, m.Role)
		}
	}
	return newChart("Members by role", labels, counts)
}

func (a *audit) tokensByAge() chart {
	labels := []string{"30 days", "90 days", "1 year", "2 years", "older"}
	counts := map[string]int{}
	for _, t := range a.Tokens {
		i := slices.IndexFunc([]int{30, 90, 365, 730}, func(days int) bool { return t.Created.After(a.ago(days)) })
		if i < 0 {
			i = len(labels) - 1
		}
		counts[labels[i]]++
	}
	return newChart("Tokens by age, up to", labels, counts)
}

func (a *audit) lastSeenByMonth() chart {
	var labels []string
	first := time.Date(a.Time.Year(), a.Time.Month(), 1, 0, 0, 0, 0, time.UTC)
	for i := range 6 {
		labels = append(labels, first.AddDate(0, -i, 0).Format("Jan 2006"))
	}
	labels = append(labels, "earlier", "never")
	counts := map[string]int{}
	for _, m := range a.Members {
		label := "never"
		if m.LastSeen != nil {
			if label = m.LastSeen.Format("Jan 2006"); !slices.Contains(labels, label) {
				label = "earlier"
			}
		}
		counts[label]++
	}
	return newChart("Members by month last seen", labels, counts)
}

func (a *audit) findingsByRule() []bar {
	var rules []bar
	for _, f := range a.Findings {
		i := slices.IndexFunc(rules, func(b bar) bool { return b.Label == f.Rule })
		if i < 0 {
			rules, i = append(rules, bar{Label: f.Rule}), len(rules)
		}
		rules[i].N++
	}
	return rules
}
