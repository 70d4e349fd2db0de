// Package conformance contains no code: its tests hold the client, package ldapitest and the API description against each
// other.
//
// Random values come from the seed in description_test.go, which each test prints, so every run is the same.
package conformance
