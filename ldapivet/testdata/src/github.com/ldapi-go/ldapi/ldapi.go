// Package ldapi stands for the real one: what the analyzer looks at, and no more.
package ldapi

import (
	"context"
	"net/http"
)

type Token struct{ Name string }

type Tokens struct{ Items []Token }

type AccessTokensApi interface {
	GetTokens(ctx context.Context) ApiGetTokensRequest
	GetTokensExecute(r ApiGetTokensRequest) (*Tokens, *http.Response, error)
	DeleteToken(ctx context.Context, id string) ApiDeleteTokenRequest
	DeleteTokenExecute(r ApiDeleteTokenRequest) (*http.Response, error)
}

type APIClient struct{ AccessTokensApi AccessTokensApi }

type ApiGetTokensRequest struct{ ApiService AccessTokensApi }

func (r ApiGetTokensRequest) Limit(int64) ApiGetTokensRequest  { return r }
func (r ApiGetTokensRequest) Offset(int64) ApiGetTokensRequest { return r }
func (r ApiGetTokensRequest) Prefetch(int) ApiGetTokensRequest { return r }
func (r ApiGetTokensRequest) Context() context.Context         { return nil }
func (r ApiGetTokensRequest) Execute() (*Tokens, *http.Response, error) {
	return r.ApiService.GetTokensExecute(r)
}

type ApiDeleteTokenRequest struct{ ApiService AccessTokensApi }

func (r ApiDeleteTokenRequest) Execute() (*http.Response, error) {
	return r.ApiService.DeleteTokenExecute(r)
}

// SaveRequest is named like no request, and is none.
type SaveRequest struct{}

func (r SaveRequest) Comment(string) SaveRequest { return r }
func (r SaveRequest) Execute()                   {}
