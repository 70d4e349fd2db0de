module github.com/ldapi-go/ldapi/examples/cassette

go 1.25.0

require (
	github.com/ldapi-go/ldapi v0.0.0
	gopkg.in/dnaeon/go-vcr.v4 v4.0.7
)

require (
	github.com/evanphx/json-patch/v5 v5.9.11 // indirect
	github.com/go-faster/errors v0.7.1 // indirect
	github.com/go-faster/jx v1.2.0 // indirect
	github.com/segmentio/asm v1.2.1 // indirect
	go.yaml.in/yaml/v4 v4.0.0-rc.6 // indirect
	golang.org/x/sys v0.21.0 // indirect
)

replace github.com/ldapi-go/ldapi => ../..
