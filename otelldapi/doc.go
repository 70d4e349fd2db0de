// Package otelldapi traces and measures the calls of package ldapi with OpenTelemetry. [Options] returns options of
// the client:
//
//	client := ldapi.New(append(otelldapi.Options(), ldapi.WithAccessToken(token))...)
//
// The first option's middleware is the outermost: spans and durations include what middleware given later does.
//
// # Spans
//
// Each call has a span named by its operation, such as "getToken", of kind internal. Below it each attempt has one of kind
// client, named by method and route as the semantic conventions for HTTP clients require ("GET /api/v2/tokens/{id}"). The
// context of the attempt's span travels with the request if the propagator injects it.
//
//	http.request.method        GET; methods that HTTP does not know are _OTHER
//	url.template               /api/v2/tokens/{id}; none for APIClient.Do
//	url.full                   https://app.launchdarkly.com/api/v2/tokens/{id}: attempts only
//	server.address             app.launchdarkly.com
//	server.port                443
//	http.response.status_code  404, if there was a response
//	http.request.resend_count  1 for the second attempt, and so on: attempts only
//	error.type                 the status ("404"), or one of canceled, timeout, redirect,
//	                           response_too_large, rate_limited, insecure_url, invalid_argument,
//	                           transport, _OTHER; none for success
//	ldapi.operation            getToken; do for APIClient.Do
//	ldapi.attempts             how many times the request was sent: calls only
//
// # Metrics
//
// Their names, kinds and units, and what they measure:
//
//	http.client.request.duration     histogram, s          each attempt, until its body is read
//	ldapi.client.operation.duration  histogram, s          each call, with its waits
//	ldapi.client.operation.attempts  histogram, {attempt}  attempts of each call
//	ldapi.client.wait.duration       histogram, s          how long each attempt was delayed
//	ldapi.client.quota.remaining     gauge, {request}      rest of a quota by the latest response
//
// The first four have the attributes of the spans that identify an operation: http.request.method, url.template,
// server.address, server.port, ldapi.operation. Durations and attempts also have http.response.status_code and error.type;
// waits have ldapi.wait.reason: "retry" between two attempts of a call, "pace" before its first (limiter, concurrency cap,
// quotas, token source). The gauge has ldapi.quota ("route", "global" or "token"), server.address and server.port, and for
// a route its http.request.method and url.template. Clients with different tokens share it.
//
// # What is never reported
//
// No ids, no queries, no header values, no bodies, no tokens, and no texts of errors, which may repeat any of them: url.full
// is cut to scheme, host and route, and the status of a failed span has no description. Nothing is reported of calls that are
// refused before they are sent, nor of bodies that cannot be decoded: both happen outside of middleware.
package otelldapi
