// Command ldapivet finds requests of package github.com/ldapi-go/ldapi that are dropped, and errors of their Execute that
// are ignored:
//
//	go install github.com/ldapi-go/ldapi/ldapivet/cmd/ldapivet@latest
//	go vet -vettool=$(which ldapivet) ./...
package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/ldapi-go/ldapi/ldapivet"
)

func main() { unitchecker.Main(ldapivet.Analyzer) }
