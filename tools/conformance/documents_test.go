package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ldapi-go/ldapi"
)

// documents is how many there are of each schema.
const documents = 1000

// models are the SDK's types of the schemas.
var models = map[string]any{
	"AccessTokenPost":                   ldapi.AccessTokenPost{},
	"BulkEditMembersRep":                ldapi.BulkEditMembersRep{},
	"ForbiddenErrorRep":                 ldapi.ForbiddenErrorRep{},
	"IntegrationMetadata":               ldapi.IntegrationMetadata{},
	"IntegrationStatus":                 ldapi.IntegrationStatus{},
	"InvalidRequestErrorRep":            ldapi.InvalidRequestErrorRep{},
	"JSONPatch":                         []ldapi.PatchOperation{},
	"LastSeenMetadata":                  ldapi.LastSeenMetadata{},
	"Link":                              ldapi.Link{},
	"Member":                            ldapi.Member{},
	"MemberPermissionGrantSummaryRep":   ldapi.MemberPermissionGrantSummaryRep{},
	"MemberSummary":                     ldapi.MemberSummary{},
	"MemberTeamSummaryRep":              ldapi.MemberTeamSummaryRep{},
	"MemberTeamsPostInput":              ldapi.MemberTeamsPostInput{},
	"Members":                           ldapi.Members{},
	"NewMemberForm":                     ldapi.NewMemberForm{},
	"NewMemberFormListPost":             []ldapi.NewMemberForm{},
	"NotFoundErrorRep":                  ldapi.NotFoundErrorRep{},
	"PatchFailedErrorRep":               ldapi.PatchFailedErrorRep{},
	"PatchOperation":                    ldapi.PatchOperation{},
	"RateLimitedErrorRep":               ldapi.RateLimitedErrorRep{},
	"Statement":                         ldapi.Statement{},
	"StatementPost":                     ldapi.StatementPost{},
	"StatusConflictErrorRep":            ldapi.StatusConflictErrorRep{},
	"Token":                             ldapi.Token{},
	"Tokens":                            ldapi.Tokens{},
	"UnauthorizedErrorRep":              ldapi.UnauthorizedErrorRep{},
	"membersPatchInput":                 ldapi.MembersPatchInput{},
	"Access":                            ldapi.Access{},
	"AccessAllowedReason":               ldapi.AccessAllowedReason{},
	"AccessAllowedRep":                  ldapi.AccessAllowedRep{},
	"AccessDenied":                      ldapi.AccessDenied{},
	"AccessDeniedReason":                ldapi.AccessDeniedReason{},
	"AssignedToRep":                     ldapi.AssignedToRep{},
	"AuditLogEntryListingRep":           ldapi.AuditLogEntryListingRep{},
	"AuditLogEntryListingRepCollection": ldapi.AuditLogEntryListingRepCollection{},
	"AuditLogEntryRep":                  ldapi.AuditLogEntryRep{},
	"AuthorizedAppDataRep":              ldapi.AuthorizedAppDataRep{},
	"BulkEditTeamsRep":                  ldapi.BulkEditTeamsRep{},
	"CallerIdentityRep":                 ldapi.CallerIdentityRep{},
	"CountBucket":                       ldapi.CountBucket{},
	"CountBucketsResult":                ldapi.CountBucketsResult{},
	"CustomRole":                        ldapi.CustomRole{},
	"CustomRolePost":                    ldapi.CustomRolePost{},
	"CustomRoles":                       ldapi.CustomRoles{},
	"MemberDataRep":                     ldapi.MemberDataRep{},
	"MemberImportItem":                  ldapi.MemberImportItem{},
	"MethodNotAllowedErrorRep":          ldapi.MethodNotAllowedErrorRep{},
	"ParentResourceRep":                 ldapi.ParentResourceRep{},
	"PatchWithComment":                  ldapi.PatchWithComment{},
	"ProjectSummary":                    ldapi.ProjectSummary{},
	"ResourceAccess":                    ldapi.ResourceAccess{},
	"RootResponse":                      ldapi.RootResponse{},
	"SubjectDataRep":                    ldapi.SubjectDataRep{},
	"TargetResourceRep":                 ldapi.TargetResourceRep{},
	"Team":                              ldapi.Team{},
	"TeamCustomRole":                    ldapi.TeamCustomRole{},
	"TeamCustomRoles":                   ldapi.TeamCustomRoles{},
	"TeamImportsRep":                    ldapi.TeamImportsRep{},
	"TeamMaintainers":                   ldapi.TeamMaintainers{},
	"TeamMembers":                       ldapi.TeamMembers{},
	"TeamProjects":                      ldapi.TeamProjects{},
	"Teams":                             ldapi.Teams{},
	"TokenSummary":                      ldapi.TokenSummary{},
	"VersionsRep":                       ldapi.VersionsRep{},
	"ipList":                            ldapi.IpList{},
	"permissionGrantInput":              ldapi.PermissionGrantInput{},
	"teamPatchInput":                    ldapi.TeamPatchInput{},
	"teamPostInput":                     ldapi.TeamPostInput{},
	"teamsPatchInput":                   ldapi.TeamsPatchInput{},
}

// plain are the schemas that the SDK has as maps and slices of Go, inside other models.
var plain = map[string]string{
	"Instruction": "membersPatchInput", "Instructions": "membersPatchInput", "TeamInstructions": "teamPatchInput", "RoleAttributeMap": "NewMemberForm",
}

// TestDocumentsSurvive reads and writes a thousand documents of each schema: nothing is lost and nothing is added.
func TestDocumentsSurvive(t *testing.T) {
	t.Parallel()
	d := load(t)
	rng := random(t)
	for _, name := range slices.Sorted(maps.Keys(d.doc.Components.Schemas)) {
		model, ok := models[name]
		if !ok {
			if models[plain[name]] == nil {
				t.Errorf("schema %s has no model", name)
			}
			continue
		}
		rng := rand.New(rand.NewPCG(rng.Uint64(), 0))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			survive(t, newGenerator(rng, true), d.doc.Components.Schemas[name], reflect.TypeOf(model))
		})
	}
	for name := range models {
		if d.doc.Components.Schemas[name] == nil {
			t.Errorf("model %s has no schema", name)
		}
	}
}

func survive(t *testing.T, g *generator, ref *openapi3.SchemaRef, model reflect.Type) {
	t.Helper()
	c := newCombinations(g, ref.Value)
	for i := range documents {
		c.next(i)
		sent, want := g.value(ref)
		text := g.write(sent)
		first := reflect.New(model)
		if err := json.Unmarshal(text, first.Interface()); err != nil {
			t.Fatalf("document %d: %v in %s", i, err, short(text))
		}
		out, err := json.Marshal(first.Interface())
		if err != nil {
			t.Fatalf("document %d: %v", i, err)
		}
		if d := difference(parse(t, out), want); d != "" {
			t.Fatalf("document %d: %s\n in %s\nout %s", i, d, short(text), short(out))
		}
		again := reflect.New(model)
		if err := json.Unmarshal(out, again.Interface()); err != nil || !reflect.DeepEqual(first.Interface(), again.Interface()) {
			t.Fatalf("document %d is another one when it is read again: %v\n in %s\nout %s", i, err, short(text), short(out))
		}
	}
	c.check(t)
}

// combinations goes through the optional properties of a schema being absent, null and given: through all combinations
// where a thousand are enough, else through random ones, of which it counts the pairs.
type combinations struct {
	g        *generator
	optional []string
	nullable map[string]bool
	states   map[string]int // of the present document: 0 absent, 1 given, 2 null
	pairs    map[string]bool
}

func newCombinations(g *generator, s *openapi3.Schema) *combinations {
	c := &combinations{g: g, nullable: map[string]bool{}, states: map[string]int{}, pairs: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if !slices.Contains(s.Required, name) {
			c.optional = append(c.optional, name)
			c.nullable[name] = s.Properties[name].Value.Nullable
		}
	}
	return c
}

func (c *combinations) count(name string) int {
	if c.nullable[name] {
		return 3
	}
	return 2
}

// next chooses the combination of the document i.
func (c *combinations) next(i int) {
	all := 1
	for _, name := range c.optional {
		all *= c.count(name)
	}
	for _, name := range c.optional {
		n := c.count(name)
		if all <= documents {
			c.states[name] = i % n
			i /= n
		} else {
			c.states[name] = c.g.rng.IntN(n)
		}
	}
	for _, a := range c.optional {
		for _, b := range c.optional {
			c.pairs[c.pair(a, c.states[a], b, c.states[b])] = true
		}
	}
	if len(c.optional) > 0 {
		c.g.present = func(name string) (given, null bool) { return c.states[name] > 0, c.states[name] == 2 }
	}
}

func (c *combinations) pair(a string, inA int, b string, inB int) string {
	return fmt.Sprint(a, inA, b, inB)
}

// check fails when two optional properties were never together in some pair of states.
func (c *combinations) check(t *testing.T) {
	t.Helper()
	for _, a := range c.optional {
		for _, b := range c.optional {
			for inA := range c.count(a) {
				for inB := range c.count(b) {
					if (a != b || inA == inB) && !c.pairs[c.pair(a, inA, b, inB)] {
						t.Errorf("%s in state %d and %s in state %d were never together", a, inA, b, inB)
					}
				}
			}
		}
	}
}
