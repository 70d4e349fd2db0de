// Package lint holds the API description to what common OpenAPI linters require.
package lint
