package lint

import (
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const description = "../../api/openapi.yaml"

// TestDescriptionIsValid checks the description against the schema of OpenAPI 3.0 and the rules of libopenapi, and makes sure that all
// references resolve.
func TestDescriptionIsValid(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(description)
	require.NoError(t, err)
	document, err := libopenapi.NewDocument(text)
	require.NoError(t, err)
	_, err = document.BuildV3Model()
	require.NoError(t, err)
	v, errs := validator.NewValidator(document)
	require.Empty(t, errs)
	valid, problems := v.ValidateDocument()
	for _, p := range problems {
		t.Errorf("%s: %s", p.Message, p.Reason)
		for _, e := range p.SchemaValidationErrors {
			t.Errorf("  line %d: %s", e.Line, e.Reason)
		}
	}
	require.True(t, valid)
}

// TestRulesOfLinters are those of redocly and spectral that the description broke: each nullable has a type, every
// operation has an ID, a summary, a description and a tag that is declared, and there is a contact.
func TestRulesOfLinters(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(description)
	require.NoError(t, err)
	var root yaml.Node
	require.NoError(t, yaml.Unmarshal(text, &root))
	require.Greater(t, checkNullable(t, &root), 20, "there are such schemas")

	doc, err := openapi3.NewLoader().LoadFromData(text)
	require.NoError(t, err)
	require.NotNil(t, doc.Info.Contact)
	require.NotEmpty(t, doc.Info.Contact.URL)
	require.NotNil(t, doc.Info.License)
	tags := map[string]bool{}
	for _, tag := range doc.Tags {
		require.NotEmpty(t, tag.Description, tag.Name)
		tags[tag.Name] = true
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			require.NotEmpty(t, op.OperationID, "%s %s", method, path)
			require.NotEmpty(t, op.Summary, op.OperationID)
			require.NotEmpty(t, op.Description, op.OperationID)
			require.Len(t, op.Tags, 1, op.OperationID)
			require.True(t, tags[op.Tags[0]], op.OperationID)
		}
	}
}

// checkNullable returns how many nullable schemas there are below n.
func checkNullable(t *testing.T, n *yaml.Node) int {
	t.Helper()
	count := 0
	if n.Kind == yaml.MappingNode {
		keys := map[string]bool{}
		for i := 0; i < len(n.Content); i += 2 {
			keys[n.Content[i].Value] = true
		}
		if keys["nullable"] {
			count++
			if !keys["type"] {
				t.Errorf("line %d: nullable without a type", n.Line)
			}
		}
	}
	for _, child := range n.Content {
		count += checkNullable(t, child)
	}
	return count
}
