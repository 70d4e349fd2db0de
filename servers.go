package ldapi

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ldapi-go/ldapi/internal/inspect"
)

// ServerVariable is a variable in the URL of a server.
type ServerVariable struct {
	// Description describes the variable.
	Description string
	// DefaultValue is used if no value is set.
	DefaultValue string
	// EnumValues are the allowed values. If it is empty, all are.
	EnumValues []string
}

// ServerConfiguration is a server that calls may go to.
type ServerConfiguration struct {
	// URL is the base URL. {name} in it stands for a variable.
	URL string
	// Description describes the server.
	Description string
	// Variables are the variables in URL by name.
	Variables map[string]ServerVariable
}

// ServerConfigurations are the servers that calls may go to.
type ServerConfigurations []ServerConfiguration

// URL returns the URL of the server at index, with each variable replaced by its value in variables
// or else by its default. It returns an error if the server does not exist or a value is not
// allowed.
func (sc ServerConfigurations) URL(index int, variables map[string]string) (string, error) {
	if index < 0 || index >= len(sc) {
		return "", fmt.Errorf("ldapi: there is no server with index %d, of %d servers", index, len(sc))
	}
	server := sc[index]
	url := server.URL
	for _, name := range inspect.SortedKeys(server.Variables) {
		variable := server.Variables[name]
		value, ok := variables[name]
		if !ok {
			value = variable.DefaultValue
		}
		if len(variable.EnumValues) > 0 && !slices.Contains(variable.EnumValues, value) {
			return "", fmt.Errorf("ldapi: the variable %q of server %d takes one of %q, not %q", name, index, variable.EnumValues, value)
		}
		url = strings.ReplaceAll(url, "{"+name+"}", value)
	}
	return url, nil
}

// ServerURL returns the URL of the server at index, with its variables replaced. See
// [ServerConfigurations.URL].
func (c *Configuration) ServerURL(index int, variables map[string]string) (string, error) {
	return c.Servers.URL(index, variables)
}

// ServerURLWithContext returns the base URL for an operation, such as
// "AccessTokensApiService.GetToken": from OperationServers if it has an entry, or else from
// Servers. Index and variables come from ctx, those for the operation first.
func (c *Configuration) ServerURLWithContext(ctx context.Context, endpoint string) (string, error) {
	servers, ok := c.OperationServers[endpoint]
	if !ok {
		servers = c.Servers
	}
	ctx = contextOf(ctx)
	index, err := contextSetting[int](ctx, ContextServerIndex, ContextOperationServerIndices, endpoint)
	if err != nil {
		return "", err
	}
	variables, err := contextSetting[map[string]string](ctx, ContextServerVariables, ContextOperationServerVariables, endpoint)
	if err != nil {
		return "", err
	}
	return servers.URL(index, variables)
}

// contextSetting returns the setting of the context for an operation, or else that for all
// operations.
func contextSetting[T any](ctx context.Context, forAll, forOperations *contextKey, endpoint string) (T, error) {
	var setting T
	if v := ctx.Value(forOperations); v != nil {
		byOperation, ok := v.(map[string]T)
		if !ok {
			return setting, fmt.Errorf("ldapi: the context's %s is a %T, want %T", forOperations, v, byOperation)
		}
		if setting, ok = byOperation[endpoint]; ok {
			return setting, nil
		}
	}
	if v := ctx.Value(forAll); v != nil {
		var ok bool
		if setting, ok = v.(T); !ok {
			return setting, fmt.Errorf("ldapi: the context's %s is a %T, want %T", forAll, v, setting)
		}
	}
	return setting, nil
}
