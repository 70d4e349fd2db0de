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
	// Description says what the variable stands for.
	Description string
	// DefaultValue is its value when nothing else is said.
	DefaultValue string
	// EnumValues are the values it may have; empty: any.
	EnumValues []string
}

// ServerConfiguration is a server that calls may go to.
type ServerConfiguration struct {
	// URL is its base URL; {name} in it stands for a variable.
	URL string
	// Description says which server it is.
	Description string
	// Variables are the variables in URL by name.
	Variables map[string]ServerVariable
}

// ServerConfigurations are the servers that calls may go to.
type ServerConfigurations []ServerConfiguration

// URL gives the URL of the server at index, with its variables replaced: by variables, else by their defaults. It fails
// when there is no such server, and when a value is not among those that the variable may have.
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

// ServerURL gives the URL of the server at index, with its variables replaced.
func (c *Configuration) ServerURL(index int, variables map[string]string) (string, error) {
	return c.Servers.URL(index, variables)
}

// ServerURLWithContext gives the base URL for an operation, such as "AccessTokensApiService.GetToken": of
// OperationServers if it is there, else of Servers; index and variables come from ctx, those for the operation first.
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

// contextSetting gives what the context says for an operation, else what it says for all.
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
