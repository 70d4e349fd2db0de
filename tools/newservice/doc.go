// Package newservice contains no code: its test follows the steps of CONTRIBUTING.md with an invented service.
package newservice
