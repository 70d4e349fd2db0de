module github.com/ldapi-go/ldapi

go 1.25.0

require (
	github.com/evanphx/json-patch/v5 v5.9.11
	github.com/jarcoal/httpmock v1.4.2
	github.com/stretchr/testify v1.12.1
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
