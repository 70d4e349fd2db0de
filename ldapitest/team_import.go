package ldapitest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
)

var (
	errLargeFile  = badRequest("file exceeds 25mb")
	errBrokenFile = badRequest("unable to process file")
)

// The messages of rows that cannot be imported.
const (
	rowEmpty   = "empty row"
	rowTwice   = "duplicate entry"
	rowMember  = "email already exists in the specified team"
	rowInvalid = "invalid formatting"
	rowUnknown = "email does not belong to a LaunchDarkly member"
)

// importRow is a row of a file of addresses.
type importRow struct {
	line    int
	value   string
	problem string // "" = can be imported
	member  *Member
}

// postTeamMembers adds all members of a file, or nobody: then the answer has the status 207 and shows what is wrong with which row.
func (a *account) postTeamMembers(c *call) (reply, error) {
	t := a.team(c.ids[0])
	if t == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	switch {
	case !c.caller.allows("updateTeamMembers", t.resource()):
		return reply{}, standardError(http.StatusForbidden)
	case t.IDPSynced:
		return reply{}, forbidden("The members of the team are managed by an identity provider.")
	}
	file, err := formFile(c)
	if err != nil {
		return reply{}, err
	}
	rows, err := a.readRows(t, file)
	if err != nil {
		return reply{}, err
	}
	if err := checkRows(rows); err != nil {
		return reply{}, err
	}
	answer := reply{status: http.StatusCreated}
	items := []*object{}
	for _, row := range rows {
		status := "success"
		if row.problem != "" {
			answer.status, status = http.StatusMultiStatus, "error"
			row.problem = fmt.Sprintf("Line %d: %s", row.line, row.problem)
		}
		items = append(items, c.shape.object().text("message", row.problem).set("status", status).set("value", row.value))
	}
	answer.body = c.shape.object().set("items", items)
	if answer.status == http.StatusMultiStatus {
		return answer, nil
	}
	before := a.teamVersion(t)
	for _, row := range rows {
		row.member.addTeams([]string{t.Key})
		row.member.touch()
	}
	t.touch(c.now)
	answer.change = &change{verb: "updated", actions: []string{"updateTeamMembers"}, resources: []string{t.resource()}, name: t.Name,
		before: before, after: a.teamVersion(t)}
	return answer, nil
}

// formFile returns the contents of the part "file".
func formFile(c *call) ([]byte, error) {
	_, params, _ := mime.ParseMediaType(c.header.Get("Content-Type")) // checked before
	form := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, errBrokenFile // also if no part has the name
		}
		if part.FormName() != "file" {
			continue
		}
		data, err := io.ReadAll(part)
		switch {
		case err != nil:
			return nil, errBrokenFile
		case len(data) > maxFile:
			return nil, errLargeFile
		case len(bytes.TrimSpace(data)) == 0:
			return nil, badRequest("file is empty")
		}
		return data, nil
	}
}

// readRows reads the addresses in the first column. A first row that is a title is left out.
func (a *account) readRows(t *Team, data []byte) ([]importRow, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	var rows []importRow
	seen := map[string]bool{}
	for first := true; ; first = false {
		record, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, errBrokenFile
		}
		value := strings.TrimSpace(record[0])
		if first && strings.Contains(strings.ToLower(value), "email") && !strings.Contains(value, "@") {
			continue
		}
		line, _ := r.FieldPos(0)
		row := importRow{line: line, value: value, member: a.memberByEmail(value)}
		address := strings.ToLower(value)
		switch {
		case value == "":
			row.problem = rowEmpty
		case !validEmail(value):
			row.problem = rowInvalid
		case seen[address]:
			row.problem = rowTwice
		case row.member == nil:
			row.problem = rowUnknown
		case slices.Contains(row.member.Teams, t.Key):
			row.problem = rowMember
		}
		seen[address] = true
		rows = append(rows, row)
	}
}

// checkRows refuses a file in which all rows are wrong for the same reason.
func checkRows(rows []importRow) error {
	if len(rows) == 0 {
		return badRequest("file is empty")
	}
	for problem, message := range map[string]string{
		rowInvalid: "all emails have invalid formatting",
		rowMember:  "all emails belong to existing team members",
		rowUnknown: "no emails belong to members of the organization",
	} {
		if !slices.ContainsFunc(rows, func(row importRow) bool { return row.problem != problem }) {
			return badRequest("%s", message)
		}
	}
	return nil
}
