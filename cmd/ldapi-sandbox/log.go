package main

import (
	"log/slog"
	"net/http"
	"regexp"
	"time"
)

// secret is a token's secret, or what looks like one: it may stand in a path where an ID belongs.
var secret = regexp.MustCompile(`(?i)api-[0-9a-z-]+`)

func mask(text string) string { return secret.ReplaceAllString(text, "api-****") }

// logRequests writes one record for each request: method, path, status and duration, and nothing of headers, query and
// body. A request whose connection was broken off instead of answered has status 0.
func logRequests(next http.Handler, logger *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, seen := time.Now(), &statusWriter{ResponseWriter: w}
		defer func() {
			logger.Info("request", "method", mask(r.Method), "path", mask(r.URL.Path), "status", seen.status,
				"duration", time.Since(start).Round(time.Microsecond))
		}()
		next.ServeHTTP(seen, r)
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
