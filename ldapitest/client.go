package ldapitest

import "github.com/ldapi-go/ldapi"

// Client is an SDK client of the server that calls as the seeded admin. Options are applied last, so they win.
func (s *Server) Client(opts ...ldapi.Option) *ldapi.APIClient {
	return ldapi.New(append([]ldapi.Option{
		ldapi.WithBaseURL(s.URL),
		ldapi.WithTransport(s.Transport()),
		ldapi.WithAccessToken(AdminToken),
	}, opts...)...)
}
