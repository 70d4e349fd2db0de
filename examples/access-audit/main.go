// Command access-audit answers who can do what in a LaunchDarkly account: members, access tokens, teams, custom roles, the last
// changes of members and tokens, and what is wrong with them, each with the reason and the fix.
//
//	go run ./examples/access-audit -demo -out audit.html   # an invented company: no account needed
//	go run ./examples/access-audit -days 30 -out audit.csv
//	go run ./examples/access-audit -fail
//
// The extension of -out selects the format: .html is one page without any other file, .json has everything, .csv has a line for
// each member, token, team and role. Without -out it prints a table. LD_ACCESS_TOKEN is a token that may read members, all
// tokens, roles, teams and the audit log; nothing is changed. The exit status is 1 if the account cannot be read, 2 for wrong flags,
// and 3 if there are findings and -fail is set.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/ldapi-go/ldapi"
)

const (
	exitOK = iota
	exitFailure
	exitUsage
	exitFindings
)

// settings are the flags.
type settings struct {
	days       int
	out        string
	demo, fail bool
	progress   bool // stderr is a terminal
	now        func() time.Time
}

// writers write an audit by the extension of the file; "" is the terminal.
var writers = map[string]func(io.Writer, *audit) error{"": writeTable, ".csv": writeCSV, ".json": writeJSON, ".html": writeHTML}

func main() {
	info, err := os.Stderr.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, terminal))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer, terminal bool) int {
	s := settings{progress: terminal, now: time.Now}
	fs := flag.NewFlagSet("access-audit", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.IntVar(&s.days, "days", 30, "`number` of days of the audit log to include; 0 for none")
	fs.StringVar(&s.out, "out", "", "`file` to write: .html, .json or .csv; without it, a table is printed")
	fs.BoolVar(&s.demo, "demo", false, "audit an invented company of 300 people in memory")
	fs.BoolVar(&s.fail, "fail", false, "exit with status 3 if there are findings")
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitOK
	} else if err != nil {
		return exitUsage
	}
	write := writers[filepath.Ext(s.out)]
	if write == nil || s.out != "" && filepath.Ext(s.out) == "" || s.days < 0 || fs.NArg() > 0 {
		fmt.Fprintln(stderr, "access-audit: -out must end in .html, .json or .csv, and -days must not be negative")
		return exitUsage
	}
	a, err := s.audit(ctx, stderr)
	if err == nil {
		err = s.write(write, a, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "access-audit:", err)
		return exitFailure
	}
	if s.out != "" {
		fmt.Fprintf(stdout, "%s: %d findings about %d members, %d tokens, %d teams and %d roles\n", s.out, len(a.Findings), len(a.Members),
			len(a.Tokens), len(a.Teams), len(a.Roles))
	}
	if s.fail && len(a.Findings) > 0 {
		return exitFindings
	}
	return exitOK
}

// audit reads the account.
func (s settings) audit(ctx context.Context, stderr io.Writer) (*audit, error) {
	if s.progress {
		ctx = ldapi.ContextWithProgress(ctx, func(p ldapi.Progress) {
			fmt.Fprintf(stderr, "\r\033[K%s: %d", p.Operation, p.Done)
			if p.Total > 0 {
				fmt.Fprintf(stderr, " of %d", p.Total)
			}
		})
		defer fmt.Fprint(stderr, "\r\033[K")
	}
	if s.demo {
		server, err := newCompany(ctx, s.now())
		if err != nil {
			return nil, err
		}
		defer server.Close()
		return collect(ctx, server.Client(), s.now(), s.days)
	}
	cfg, err := ldapi.ConfigurationFromEnv()
	if err != nil {
		return nil, err
	}
	return collect(ctx, ldapi.NewAPIClient(cfg), s.now(), s.days)
}

// write writes a file as a whole or not at all.
func (s settings) write(write func(io.Writer, *audit) error, a *audit, stdout io.Writer) error {
	if s.out == "" {
		return write(stdout, a)
	}
	var b bytes.Buffer
	if err := write(&b, a); err != nil {
		return err
	}
	return os.WriteFile(s.out, b.Bytes(), 0o600) // it has addresses
}
