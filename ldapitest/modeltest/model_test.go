package modeltest_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

const usualSteps = 900

var (
	oneSeed = flag.Uint64("seed", 0, "the only seed to run; 0 for the usual ones")
	steps   = flag.Int("steps", usualSteps, "how many steps each seed makes")
)

// action is what a step may be.
type action struct {
	name   string
	weight int
	run    func(*world)
}

// actions have the same callers, and often enough the same mistakes, as users' programs.
var actions = []action{
	{"getTokens", 6, (*world).listTokens},
	{"postToken", 12, (*world).createToken},
	{"getToken", 6, (*world).readToken},
	{"patchToken", 12, (*world).patchToken},
	{"deleteToken", 7, (*world).deleteToken},
	{"resetToken", 9, (*world).resetToken},
	{"getMembers", 6, (*world).listMembers},
	{"postMembers", 12, (*world).invite},
	{"patchMembers", 5, (*world).patchMembers},
	{"getMember", 6, (*world).readMember},
	{"patchMember", 12, (*world).patchMember},
	{"deleteMember", 11, (*world).deleteMember},
	{"postMemberTeams", 5, (*world).joinTeams},
	{"getCustomRoles", 2, (*world).listRoles},
	{"postCustomRole", 4, (*world).createRole},
	{"getCustomRole", 4, (*world).readRole},
	{"patchCustomRole", 4, (*world).changeRole},
	{"deleteCustomRole", 3, (*world).removeRole},
	{"getTeams", 3, (*world).listTeams},
	{"postTeam", 5, (*world).createTeam},
	{"getTeam", 5, (*world).readTeam},
	{"patchTeam", 12, (*world).changeTeam},
	{"deleteTeam", 4, (*world).removeTeam},
	{"detachAndDeleteTeam", 2, (*world).detach},
	{"patchTeams", 4, (*world).changeTeams},
	{"postTeamMembers", 6, (*world).importMembers},
	{"getAuditLogEntries", 2, (*world).readAudit},
	{"postAuditLogEntries", 2, (*world).searchAudit},
	{"getAuditLogEntry", 2, (*world).readEntry},
	{"getCallerIdentity", 3, (*world).whoami},
	{"knock", 7, (*world).knock},
	{"wait", 7, (*world).wait},
}

// TestModel makes thousands of random steps. Each is compared with the model, answer and account; what must hold of any
// account is checked after each of them. A failure prints its seed and all steps that led to it.
func TestModel(t *testing.T) {
	t.Parallel()
	seeds := []uint64{1, 2, 3, 4, 5, 6, 7, 8}
	if *oneSeed != 0 {
		seeds = []uint64{*oneSeed}
	}
	var mu sync.Mutex
	met := map[string]int{}
	t.Run("seeds", func(t *testing.T) {
		for _, seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, seed)
				for range *steps {
					w.step()
				}
				mu.Lock()
				defer mu.Unlock()
				for outcome, n := range w.statuses {
					met[outcome] += n
				}
			})
		}
	})
	if *oneSeed == 0 && *steps >= usualSteps && !t.Failed() {
		checkOutcomes(t, met)
	}
}

// checkOutcomes checks that the steps were varied: each operation had each outcome that the model knows for it, and 401 if it is an action
// of its own.
func checkOutcomes(t *testing.T, met map[string]int) {
	t.Helper()
	for operation, statuses := range map[string]string{
		"getTokens": "200", "postToken": "201 400 403", "getToken": "200 403 404",
		"patchToken": "200 400 403 404 422", "deleteToken": "204 403 404", "resetToken": "200 403 404",
		"getMembers": "200 400", "postMembers": "201 400 403", "patchMembers": "200 400 403",
		"getMember": "200 404", "patchMember": "200 400 403 404 422", "deleteMember": "204 403 404",
		"postMemberTeams": "201 400 403 404",
		"getCustomRoles":  "200", "postCustomRole": "201 400 403 409", "getCustomRole": "200 404",
		"patchCustomRole": "200 400 403 404 422", "deleteCustomRole": "204 403 404",
		"getTeams": "200", "postTeam": "201 400 403 409", "getTeam": "200 404", "patchTeam": "200 400 403 404",
		"deleteTeam": "204 403 404 409", "patchTeams": "200 400 403", "postTeamMembers": "201 207 400 403 404",
		"getTeamMaintainers": "200", "getTeamRoles": "200", "getAuditLogEntries": "200", "postAuditLogEntries": "200",
		"postAuditLogEntryCounts": "200", "getAuditLogEntry": "200 404", "getCallerIdentity": "200",
	} {
		if slices.ContainsFunc(actions, func(a action) bool { return a.name == operation }) {
			statuses += " 401"
		}
		for status := range strings.FieldsSeq(statuses) {
			if met[operation+" "+status] == 0 {
				t.Errorf("%s never ended with %s", operation, status)
			}
		}
	}
	t.Log(met)
}

// TestModelRepeats makes the same steps twice: a seed that failed can be looked at again.
func TestModelRepeats(t *testing.T) {
	t.Parallel()
	history := func() string {
		w := newWorld(t, 9)
		for range 100 {
			w.step()
		}
		return strings.Join(w.steps, "\n")
	}
	if first, second := history(), history(); first != second {
		t.Errorf("the same seed made other steps:\n%s\n\n%s", first, second)
	}
}
