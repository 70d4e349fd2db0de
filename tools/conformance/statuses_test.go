package conformance

import (
	"net/http"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/routers"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// onlyByFault are statuses that ldapitest returns for faults only, because their causes do not occur in it.
// A test that needs one sets a fault.
func onlyByFault(route *routers.Route, status int) bool {
	id, reads := route.Operation.OperationID, route.Method == http.MethodGet || route.Operation.Extensions["x-safe"] == true
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true // there is no proxy in front of it, and it does not fail
	case http.StatusConflict:
		return !slices.Contains([]string{"postCustomRole", "postTeam", "deleteTeam"}, id) // each operation runs alone
	case http.StatusForbidden: // every token may read them, in an account with all of them
		return reads && id != "getToken"
	case http.StatusNotFound:
		return !parameterized(route) // lists may be empty; unknown teams are among the errors
	case http.StatusRequestEntityTooLarge:
		return uploads(route) // 400 reports a file that is too large
	}
	return false
}

// serverStatuses: ldapitest answers each operation with exactly the statuses that the description declares for it.
func serverStatuses(t *testing.T) {
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
		route := d.operations[id]
		declared := statuses(route)
		for status := range w.seen[id] {
			if !slices.Contains(declared, status) {
				t.Errorf("%s was answered with %d: declare it in api/openapi.yaml (x-observed unless it is published)", id, status)
			}
			if onlyByFault(route, status) {
				t.Errorf("%s was answered with %d: it is not onlyByFault in tools/conformance/statuses_test.go", id, status)
			}
		}
		for _, status := range declared {
			if !onlyByFault(route, status) && w.seen[id][status] == 0 {
				t.Errorf("%s was never answered with %d: add a request to script in tools/conformance/responses_test.go", id, status)
			}
			if onlyByFault(route, status) {
				s.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Operation: id, Status: status})
				w.want(s.URL, status, r)
			}
		}
	}
}
