// Command offboard-inactive lists the members that have not been active since a date, and demotes or deletes them on request.
//
//	go run ./examples/offboard-inactive -before 2026-01-31 -csv -demote -dry-run > inactive.csv
//	go run ./examples/offboard-inactive -before 2026-01-31 -keep keep.txt -delete
//
// LD_ACCESS_TOKEN is the token of an admin. The program skips the owner, the admin that calls, open invitations, members that
// joined since the date, and members whose address is a word in the file of -keep.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/examples/internal/output"
)

type settings struct {
	before                      time.Time
	keep                        []string // addresses in lower case
	csv, demote, delete, dryRun bool
}

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	fs := flag.NewFlagSet("offboard-inactive", flag.ContinueOnError)
	fs.SetOutput(stderr)
	before := fs.String("before", "", "`date` (2026-01-31, UTC): who was not seen since is inactive; required")
	fs.Func("keep", "`file` with the addresses of members to leave alone", func(path string) error {
		text, err := os.ReadFile(path)
		s.keep = strings.Fields(strings.ToLower(string(text)))
		return err
	})
	fs.BoolVar(&s.csv, "csv", false, "list the members as CSV")
	fs.BoolVar(&s.demote, "demote", false, "remove their teams, tokens and custom roles, and set the role no_access")
	fs.BoolVar(&s.delete, "delete", false, "remove their teams and tokens, and delete them")
	fs.BoolVar(&s.dryRun, "dry-run", false, "change nothing")
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if s.before, err = time.Parse(time.DateOnly, *before); err != nil || fs.NArg() > 0 || s.demote && s.delete {
		fmt.Fprintln(stderr, "offboard-inactive: -before must be a date such as 2026-01-31; -demote and -delete exclude each other")
		return 2
	}
	cfg, err := ldapi.ConfigurationFromEnv()
	if err == nil {
		err = offboard(ctx, ldapi.NewAPIClient(cfg), s, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "offboard-inactive:", err)
		return 1
	}
	return 0
}

// offboard lists the inactive members, the longest unseen first, and does to them what the settings specify.
func offboard(ctx context.Context, client *ldapi.APIClient, s settings, stdout, stderr io.Writer) error {
	caller, err := client.Whoami(ctx)
	if err != nil {
		return fmt.Errorf("finding out who calls: %w", err)
	}
	rows, inactive := [][]string{{"EMAIL", "NAME", "ROLE", "LAST SEEN", "ID"}}, []ldapi.Member{}
	filter := ldapi.MemberFilter{LastSeen: ldapi.LastSeenBefore(s.before)}
	for m, err := range client.AccountMembersApi.GetMembers(ctx).FilterBy(filter).Sort(ldapi.SortLastSeen).Prefetch(4).All() {
		if err != nil {
			return fmt.Errorf("listing members: %w", err)
		}
		seen, ever := m.LastSeenTime()
		if !seen.Before(s.before) || !m.CreationTime().Before(s.before) || m.GetPendingInvite() || m.GetRole() == ldapi.RoleOwner ||
			m.GetId() == caller.Identity.GetMemberId() || slices.Contains(s.keep, strings.ToLower(m.GetEmail())) {
			continue
		}
		row := []string{m.GetEmail(), m.GetFirstName() + " " + m.GetLastName(), m.GetRole(), "never", m.GetId()}
		if ever {
			row[3] = seen.Format(time.DateOnly)
		}
		inactive, rows = append(inactive, m), append(rows, row)
	}
	if err := show(stdout, rows, s.csv); err != nil || s.dryRun || !s.demote && !s.delete {
		fmt.Fprintf(stderr, "members not seen since %s: %d; nothing was changed\n", s.before.Format(time.DateOnly), len(inactive))
		return err
	}
	return changeAll(ctx, client, s, inactive, stderr)
}

func show(out io.Writer, rows [][]string, asCSV bool) error {
	if asCSV {
		file := output.NewCSV(out)
		for _, row := range rows {
			file.Row(row...)
		}
		return file.Flush()
	}
	table := output.NewTable(out)
	for _, row := range rows {
		table.Row(row...)
	}
	return table.Flush()
}

// changeAll changes several members at a time, and continues after one that fails.
func changeAll(ctx context.Context, client *ldapi.APIClient, s settings, members []ldapi.Member, stderr io.Writer) error {
	var mu sync.Mutex
	var running sync.WaitGroup
	done, failed, slots := 0, 0, make(chan struct{}, 4)
	for _, m := range members {
		slots <- struct{}{}
		running.Go(func() {
			report, err := client.OffboardMember(ctx, m.GetId(), ldapi.OffboardOptions{Demote: s.demote})
			mu.Lock()
			done++
			outcome := m.GetEmail()
			switch {
			case errors.Is(err, ldapi.ErrNotFound):
				outcome += ": gone already"
			case report == nil:
				failed++
				outcome += ": FAILED: " + err.Error()
			default:
				if err != nil {
					failed++
				}
				report.Member.Email = output.Plain(report.Member.Email) // one line
				outcome = strings.TrimSuffix(report.String(), "\n")
			}
			fmt.Fprintf(stderr, "%d of %d  ", done, len(members))
			for line := range strings.SplitSeq(outcome, "\n") {
				fmt.Fprintln(stderr, output.Plain(line))
			}
			mu.Unlock()
			<-slots
		})
	}
	running.Wait()
	if failed > 0 {
		return fmt.Errorf("%d of %d members failed, %d are done", failed, len(members), done-failed)
	}
	return nil
}
