module github.com/ldapi-go/ldapi

go 1.25.0

require (
	github.com/evanphx/json-patch/v5 v5.9.11
	github.com/go-faster/jx v1.2.0
	github.com/jarcoal/httpmock v1.4.2
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/go-faster/errors v0.7.1 // indirect
	github.com/segmentio/asm v1.2.1 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.21.0 // indirect
)
