// Command rotate-tokens replaces the secret of every service token whose secret is older than some days. The old secrets keep
// working for a grace period, in which the new ones must be distributed.
//
//	go run ./examples/rotate-tokens -days 90 -dry-run
//	go run ./examples/rotate-tokens -days 90 -grace 72h -secrets new-secrets.jsonl
//
// LD_ACCESS_TOKEN is the token of an admin. A secret cannot be read a second time, so each is written to the file before the
// next token is rotated; no secret is printed. The token that the program calls with is rotated last. The age of a secret is
// the time since the last change of its token, so a second run continues where the first one failed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/examples/internal/output"
)

type settings struct {
	days    int
	grace   time.Duration
	secrets string
	dryRun  bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	fs := flag.NewFlagSet("rotate-tokens", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.IntVar(&s.days, "days", 90, "rotate secrets that are older than so many days")
	fs.DurationVar(&s.grace, "grace", 24*time.Hour, "how long the old secrets go on working; 0 for not at all")
	fs.StringVar(&s.secrets, "secrets", "", "new `file` for the new secrets, as lines of JSON; its mode is 0600")
	fs.BoolVar(&s.dryRun, "dry-run", false, "show the tokens and change nothing")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if fs.NArg() > 0 || s.days < 0 || s.grace < 0 || s.secrets == "" && !s.dryRun {
		fmt.Fprintln(stderr, "rotate-tokens: -secrets or -dry-run is required; -days and -grace must not be negative; there are no other arguments")
		return 2
	}
	cfg, err := ldapi.ConfigurationFromEnv()
	if err == nil {
		err = rotate(ctx, ldapi.NewAPIClient(cfg), s, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "rotate-tokens:", err)
		return 1
	}
	return 0
}

// rotate shows the tokens that are due and, unless it is a dry run, replaces their secrets.
func rotate(ctx context.Context, client *ldapi.APIClient, s settings, stdout, stderr io.Writer) error {
	due, err := dueTokens(ctx, client, time.Now().AddDate(0, 0, -s.days))
	if err != nil {
		return err
	}
	table := output.NewTable(stdout)
	table.Row("ID", "NAME", "SECRET SINCE", "LAST USED")
	for _, token := range due {
		used := "never"
		if at, ok := token.LastUsedTime(); ok {
			used = at.Format(time.DateOnly)
		}
		table.Row(token.GetId(), token.GetName(), token.LastModifiedTime().Format(time.DateOnly), used)
	}
	if err := table.Flush(); err != nil || s.dryRun || len(due) == 0 {
		fmt.Fprintf(stderr, "service tokens with secrets older than %d days: %d; nothing was changed\n", s.days, len(due))
		return err
	}
	file, err := os.OpenFile(s.secrets, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // never an existing file
	if err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	return errors.Join(rotateAll(ctx, client, s, due, file, stderr), file.Close())
}

// dueTokens lists the service tokens that were last changed before a time.
func dueTokens(ctx context.Context, client *ldapi.APIClient, before time.Time) ([]ldapi.Token, error) {
	var due []ldapi.Token
	for token, err := range client.AccessTokensApi.GetTokens(ctx).Prefetch(4).All() {
		if err != nil {
			return nil, fmt.Errorf("listing tokens: %w", err)
		}
		if token.GetServiceToken() && token.LastModifiedTime().Before(before) {
			due = append(due, token)
		}
	}
	caller, _, err := client.OtherApi.GetCallerIdentity(ctx).Execute()
	if err != nil {
		return nil, fmt.Errorf("finding out who calls: %w", err)
	}
	return ownLast(due, caller.GetTokenId()), nil
}

// ownLast moves the token with this ID to the end, so that its secret is not replaced while it is needed.
func ownLast(due []ldapi.Token, id string) []ldapi.Token {
	if i := slices.IndexFunc(due, func(token ldapi.Token) bool { return token.GetId() == id }); i >= 0 {
		own := due[i]
		due = append(slices.Delete(due, i, i+1), own)
	}
	return due
}

// rotateAll continues after a token that fails, but not if secrets cannot be written. A reset that has begun is not
// interrupted: its secret would be lost.
func rotateAll(ctx context.Context, client *ldapi.APIClient, s settings, due []ldapi.Token, file *os.File, stderr io.Writer) error {
	failed := 0
	for i, old := range due {
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted: %d rotated, %d failed, %d not tried", i-failed, failed, len(due)-i)
		}
		token, err := client.RotateToken(context.WithoutCancel(ctx), old.GetId(), s.grace)
		if token.HasFullSecret() { // also along with an error
			if err := keep(file, &old, token.GetToken()); err != nil {
				return fmt.Errorf("the new secret of %s (%s) is lost, and %d tokens were not tried: %w", output.Plain(old.GetName()), old.GetId(), len(due)-i-1, err)
			}
		} else if err == nil {
			err = errors.New("the answer has no secret")
		}
		result := "rotated"
		if err != nil {
			failed++
			result = "FAILED: " + err.Error()
		}
		fmt.Fprintf(stderr, "%d of %d  %s (%s): %s\n", i+1, len(due), output.Plain(old.GetName()), old.GetId(), output.Plain(result))
	}
	fmt.Fprintf(stderr, "%d rotated, %d failed; the new secrets are in %s, the old ones work for %s\n", len(due)-failed, failed, file.Name(), s.grace)
	if failed > 0 {
		return fmt.Errorf("%d of %d tokens failed", failed, len(due))
	}
	return nil
}

// keep writes a secret to the disk.
func keep(file *os.File, token *ldapi.Token, secret string) error {
	line := map[string]string{"id": token.GetId(), "name": token.GetName(), "secret": secret}
	if err := json.NewEncoder(file).Encode(line); err != nil {
		return err
	}
	return file.Sync()
}
