package ldapi

// The services, the models and the pages below docs are generated from the API description.
//
//go:generate go -C tools run ./codegen -description ../api/openapi.yaml -out ..
