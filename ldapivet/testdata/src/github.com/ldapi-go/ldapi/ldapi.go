// Package ldapi stands for the real one: what the analyzer looks at, and no more.
package ldapi

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
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

func (c *APIClient) Do(ctx context.Context, method, path string, query url.Values, body, out any) (*http.Response, error) {
	return nil, nil
}
func (c *APIClient) RotateToken(ctx context.Context, id string, grace time.Duration) (*Token, error) {
	return nil, nil
}
func (c *APIClient) InviteMembers(ctx context.Context, forms []string) ([]string, error) {
	return nil, nil
}
func (c *APIClient) GetConfig() *Token { return nil }

func (t Token) MarshalJSON() ([]byte, error) { return nil, nil }

type ApiResetTokenRequest struct{}

func (r ApiResetTokenRequest) Execute() (*Token, *http.Response, error) { return nil, nil, nil }

type ApiGetTokensRequest struct{ ApiService AccessTokensApi }

func (r ApiGetTokensRequest) Limit(int64) ApiGetTokensRequest  { return r }
func (r ApiGetTokensRequest) Offset(int64) ApiGetTokensRequest { return r }
func (r ApiGetTokensRequest) Prefetch(int) ApiGetTokensRequest { return r }
func (r ApiGetTokensRequest) Context() context.Context         { return nil }
func (r ApiGetTokensRequest) Execute() (*Tokens, *http.Response, error) {
	return r.ApiService.GetTokensExecute(r)
}

func (r ApiGetTokensRequest) All() iter.Seq2[Token, error]     { return nil }
func (r ApiGetTokensRequest) Pages() iter.Seq2[*Tokens, error] { return nil }
func (r ApiGetTokensRequest) Collect() ([]Token, error)        { return nil, nil }

type ApiDeleteTokenRequest struct{ ApiService AccessTokensApi }

func (r ApiDeleteTokenRequest) Execute() (*http.Response, error) {
	return r.ApiService.DeleteTokenExecute(r)
}

// SaveRequest is named like no request, and is none.
type SaveRequest struct{}

func (r SaveRequest) Comment(string) SaveRequest { return r }
func (r SaveRequest) Execute()                   {}
