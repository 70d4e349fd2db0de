// Command ldapi-sandbox is package ldapitest as a process: the part of LaunchDarkly that manages access (tokens, members,
// custom roles, teams, the audit log) in memory, for programs in any language.
//
//	go install github.com/ldapi-go/ldapi/cmd/ldapi-sandbox@latest
//	ldapi-sandbox -addr 127.0.0.1:8910 -seed account.json
//
// It prints its URL and the secrets of all tokens to standard output (they are invented, and open nothing else), logs each
// request to standard error with secrets masked, and stops on SIGINT and SIGTERM. Nothing is kept: each start has the
// account that [ldapitest.NewServer] makes, and what the seed adds to it. Each change adds an entry to the audit log, which is
// empty at the start: read it at /api/v2/auditlog.
//
// # The seed
//
// A JSON object with any of the lists roles, teams, members and tokens, added in this order. Properties that this format
// does not know are refused. In square brackets is what an absent property means:
//
//	roles:   key; id, name [key], description, policy [nothing is allowed],
//	         basePermissions (reader or no_access)
//	teams:   key; name [key], description, customRoleKeys, roleAttributes, idpSynced [false]
//	members: email; id, firstName, lastName, role [reader], customRoles (keys or IDs),
//	         roleAttributes, teams (keys), maintains (keys of teams), pendingInvite [false],
//	         lastSeen [never], creationDate [now]
//	tokens:  id, name, description, member (ID or address) [the seeded admin], secret (api-…),
//	         serviceToken [false], and one of role [reader], customRoleIds (keys or IDs) and
//	         inlineRole; creationDate [now], lastModified [creationDate], lastUsed [never]
//
// Times are in RFC 3339, such as 2026-01-01T12:00:00Z. A policy, like an inlineRole, is a list of statements: effect,
// resources or notResources, actions or notActions. IDs and secrets that are left out are generated, the same ones on each
// start.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// Exit codes.
const (
	exitOK = iota
	exitFailure
	exitUsage
)

// drainTime is how long slow clients have when the process is told to stop.
const drainTime = 2 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole process: it serves until ctx ends, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage // parse has said why
	}
	if err := serve(ctx, s, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "ldapi-sandbox:", err)
		return exitFailure
	}
	return exitOK
}

// settings are what the flags specify.
type settings struct {
	addr, seed              string
	routeLimit, globalLimit int
	maxPage                 int
	plan                    string
	latency                 time.Duration
	anyHost, stockClients   bool
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	fs := flag.NewFlagSet("ldapi-sandbox", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&s.addr, "addr", "127.0.0.1:8910", "`host:port` to listen on; port 0 takes a free one")
	fs.StringVar(&s.seed, "seed", "", "JSON `file` with members, teams, roles and tokens to start with")
	fs.IntVar(&s.routeLimit, "route-limit", 0, "requests per route in 10 seconds; 0 for no limit")
	fs.IntVar(&s.globalLimit, "global-limit", 0, "requests in 10 seconds altogether; 0 for no limit")
	fs.IntVar(&s.maxPage, "max-page", 0, "largest page of members and tokens; 0 for 1000")
	fs.StringVar(&s.plan, "plan", string(ldapitest.PlanEnterprise), "plan of the account: enterprise or standard")
	fs.DurationVar(&s.latency, "latency", 0, "how long each request waits, such as 150ms")
	fs.BoolVar(&s.anyHost, "any-host", false, "also answer requests whose Host is not this machine, as web pages can send them")
	fs.BoolVar(&s.stockClients, "stock-clients", false, "accept what the generated clients of other languages send (content types)")
	err := fs.Parse(args)
	if err == nil {
		if err = s.check(fs.Args()); err != nil {
			fmt.Fprintln(stderr, "ldapi-sandbox:", err)
			fs.Usage()
		}
	}
	return s, err
}

func (s settings) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case s.routeLimit < 0:
		return fmt.Errorf("-route-limit must not be negative")
	case s.globalLimit < 0:
		return fmt.Errorf("-global-limit must not be negative")
	case s.maxPage < 0:
		return fmt.Errorf("-max-page must not be negative")
	case s.latency < 0:
		return fmt.Errorf("-latency must not be negative")
	case s.plan != string(ldapitest.PlanEnterprise) && s.plan != string(ldapitest.PlanStandard):
		return fmt.Errorf("-plan must be enterprise or standard, not %q", s.plan)
	}
	return nil
}

func (s settings) options() []ldapitest.Option {
	options := []ldapitest.Option{
		ldapitest.WithInMemory(), // the process listens itself
		ldapitest.WithRateLimit(s.routeLimit, s.globalLimit, 0),
		ldapitest.WithPageLimits(s.maxPage, s.maxPage),
		ldapitest.WithPlan(ldapitest.Plan(s.plan)),
		ldapitest.WithLatency(s.latency),
	}
	if s.stockClients {
		options = append(options, ldapitest.WithStockClients())
	}
	return options
}

// serve answers requests until ctx ends.
func serve(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	account := ldapitest.NewServer(s.options()...)
	defer account.Close()
	if s.seed != "" {
		if err := seedFile(ctx, account, s.seed); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("-addr: %w", err)
	}
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	handler := account.Handler()
	if !s.anyHost {
		handler = loopbackOnly(handler)
	}
	server := &http.Server{
		Handler:           logRequests(handler, logger),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if err := announce(stdout, listener.Addr(), account.Tokens()); err != nil {
		_ = server.Close() // the error that counts is there already
		return err
	}
	select {
	case err = <-served:
		return err
	case <-ctx.Done():
	}
	logger.Info("stopping")
	account.Close() // wakes the requests that wait for -latency
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if server.Shutdown(drain) != nil {
		_ = server.Close() // the end of the process closes what this does not
	}
	return nil
}

// loopbackOnly refuses requests whose Host is not this machine: a web page that a developer visits can have its own name resolve to
// 127.0.0.1 (DNS rebinding), and would read the account.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := (&url.URL{Host: r.Host}).Hostname()
		if ip := net.ParseIP(host); !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback()) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusMisdirectedRequest)
			_, _ = io.WriteString(w, `{"code":"misdirected_request","message":"The Host is not a loopback address; -any-host allows others."}`)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// announce describes where the account is and what opens it.
func announce(stdout io.Writer, addr net.Addr, tokens []ldapitest.Token) error {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "LaunchDarkly in memory: http://%s\n\n", addr)
	fmt.Fprintf(w, "token\tkind\trole\tsecret\n")
	for _, t := range tokens {
		kind, role := "personal", t.Role
		if t.ServiceToken {
			kind = "service"
		}
		if role == "" {
			role = "custom"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.Name, kind, role, t.Secret)
	}
	return w.Flush()
}
