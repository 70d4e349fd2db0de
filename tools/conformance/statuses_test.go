package conformance

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// onlyByFault are statuses that ldapitest returns for faults only, because their causes do not occur in it.
// A test that needs one sets a fault.
func onlyByFault(id string, status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true // there is no proxy in front of it, and it does not fail
	case http.StatusConflict:
		return !slices.Contains([]string{"postCustomRole", "postTeam", "deleteTeam"}, id) // each operation runs alone
	case http.StatusForbidden: // every token may read them, in an account with all of them
		return strings.HasPrefix(id, "get") && id != "getToken" || strings.HasPrefix(id, "postAuditLog")
	case http.StatusNotFound:
		return id == "getMembers" || id == "patchTeams" // a list without members is empty; unknown teams are among the errors
	case http.StatusRequestEntityTooLarge:
		return id == "postTeamMembers" // 400 reports a file that is too large
	}
	return false
}

// TestServerStatuses: ldapitest answers each operation with exactly the statuses that the description declares for it.
func TestServerStatuses(t *testing.T) {
	t.Parallel()
	d := loadStrict(t)
	s := newServer(t)
	w := newWitness(t, d, s.Transport())
	w.play(s.URL)
	for _, id := range d.operationIDs() {
		r := raw{method: d.operations[id].Method, path: at(d.operations[id], noID)}
		limited := newServer(t, ldapitest.WithRateLimit(1, 0, 0))
		w.transport = limited.Transport()
		w.send(limited.URL, r)
		w.want(limited.URL, http.StatusTooManyRequests, r)

		w.transport = s.Transport()
		declared := statuses(d.operations[id])
		for status := range w.seen[id] {
			if !slices.Contains(declared, status) || onlyByFault(id, status) {
				t.Errorf("%s was answered with %d", id, status)
			}
		}
		for _, status := range declared {
			if !onlyByFault(id, status) && w.seen[id][status] == 0 {
				t.Errorf("%s was never answered with %d", id, status)
			}
			if onlyByFault(id, status) {
				s.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Operation: id, Status: status})
				w.want(s.URL, status, r)
			}
		}
	}
}
