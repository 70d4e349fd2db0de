module github.com/ldapi-go/ldapi/examples/cassette

go 1.25.0

require (
	github.com/ldapi-go/ldapi v0.0.0
	gopkg.in/dnaeon/go-vcr.v4 v4.0.7
)

require (
	github.com/evanphx/json-patch/v5 v5.9.11 // indirect
	go.yaml.in/yaml/v4 v4.0.0-rc.6 // indirect
)

replace github.com/ldapi-go/ldapi => ../..
