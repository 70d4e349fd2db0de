// Package ldapi calls LaunchDarkly's REST API for access tokens and account members.
//
// It has the face of LaunchDarkly's stock-generated Go client for these two services, and takes over what users of that
// client write by hand. A client is made by New; each operation is a request that is built step by step and executed:
//
//	client := ldapi.New(ldapi.WithAccessToken(os.Getenv("LD_ACCESS_TOKEN")))
//	tokens, _, err := client.AccessTokensApi.GetTokens(ctx).ShowAll(true).Limit(50).Execute()
//
// Methods of a request return a changed copy; what they return must be used. A client is safe for use by many
// goroutines.
//
// # Errors
//
// A call whose arguments can never succeed is not sent: *ArgumentError says which argument is wrong. A response that is no
// success is a *GenericOpenAPIError with status, code, message and the response itself. A call without a response wraps
// the error of net/http. Sentinels such as ErrNotFound or ErrEmailAlreadyInAccount work with errors.Is.
//
// # Retries
//
// Calls that were answered with 429, or whose request never left, are repeated after the wait that the server asks for; GET
// and DELETE also after a broken connection or a 5xx. POST and PATCH are never sent twice when the first may have been
// carried out: their error is ErrOutcomeUnknown. WithRetry and ContextWithRetry change that, NoRetry turns it off; it is
// off when the caller supplies the http.Client. All goroutines of a client wait together for a quota that is used up.
//
// # Secrets
//
// A token is never printed, logged or part of an error. It is sent over https or to loopback only (see WithInsecureHTTP),
// and never follows a redirect to another origin. The full secret of a token is in the responses of PostToken and
// ResetToken, once: Token.Token holds it, and MarshalJSON writes it, because programs store it.
//
// # Decoding
//
// Decoding is tolerant: properties that are missing or null leave zero values, unknown ones are kept in
// AdditionalProperties and written back. A value of the wrong type makes the call fail with ErrDecode, with all that
// could be read beside the error.
package ldapi
