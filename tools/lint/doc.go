// Package lint checks the API description against the rules of common OpenAPI linters.
package lint
