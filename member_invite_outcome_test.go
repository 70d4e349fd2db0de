package ldapi

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatIsUncertain: invitations are looked up unless it is certain that no members were invited. Fakes of the service return
// errors that did not come from the pipeline.
func TestWhatIsUncertain(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		err  error
		want bool
	}{
		{"refused here", &ArgumentError{}, false},
		{"not sent", &callError{err: io.EOF}, false},
		{"sent", &callError{err: io.EOF, unknown: true}, true},
		{"held back by the brake", &GenericOpenAPIError{kind: ErrRateLimited}, false},
		{"a redirect", &GenericOpenAPIError{kind: ErrRedirect, status: http.StatusFound}, false},
		{"a success that cannot be decoded", &GenericOpenAPIError{kind: ErrDecode, status: http.StatusCreated}, true},
		{"the first rejection", &GenericOpenAPIError{status: http.StatusBadRequest}, false},
		{"a conflict", &GenericOpenAPIError{status: http.StatusConflict}, false},
		{"the last rejection", &GenericOpenAPIError{status: 499}, false},
		{"the first failure of the server", &GenericOpenAPIError{status: http.StatusInternalServerError}, true},
		{"a gateway", &GenericOpenAPIError{status: http.StatusBadGateway}, true},
		{"a rejection that is marked", unknownOutcome(&GenericOpenAPIError{status: http.StatusRequestTimeout}), true},
		{"an error of another package", errors.New("fake"), true},
	} {
		require.Equal(t, tc.want, isUncertain(tc.err), tc.name)
	}
}
