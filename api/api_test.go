package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"strukturbild/internal/plan"
)

func contract(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(Document)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestContractIsValid(t *testing.T) {
	document := contract(t)
	if err := document.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := gorillamux.NewRouter(document); err != nil {
		t.Fatal(err)
	}
}

// eachOperation calls visit with every operation and its name.
func eachOperation(document *openapi3.T, visit func(name string, method string, path string, operation *openapi3.Operation)) {
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			visit(method+" "+path, method, path, operation)
		}
	}
}

func TestOperationsSayWhatTheyTake(t *testing.T) {
	roles := []string{"anonymous", string(plan.Viewer), string(plan.Planner), string(plan.Officer), string(plan.Admin)}
	document, ids := contract(t), map[string]string{}
	eachOperation(document, func(name, method, path string, operation *openapi3.Operation) {
		role, _ := operation.Extensions["x-role"].(string)
		if !slices.Contains(roles, role) {
			t.Errorf("%s has x-role %q", name, role)
		}
		if method != http.MethodGet && path != "/conflicts" && role == "anonymous" {
			t.Errorf("%s writes, and takes no token", name)
		}
		if open := operation.Security == nil; open != (role == "anonymous") {
			t.Errorf("%s has x-role %s, but open is %v", name, role, open)
		}
		if ids[operation.OperationID] != "" || operation.OperationID == "" || operation.Summary == "" {
			t.Errorf("%s has the operationId %q, which %q has, and the summary %q", name, operation.OperationID, ids[operation.OperationID], operation.Summary)
		}
		ids[operation.OperationID] = name
		for status, response := range operation.Responses.Map() {
			if status < "400" {
				continue
			}
			problem := response.Value.Content["application/problem+json"]
			if problem == nil || problem.Schema.Ref != "#/components/schemas/Problem" {
				t.Errorf("%s answers %s with something else than a problem", name, status)
			}
		}
		if operation.Responses.Default() == nil {
			t.Errorf("%s lacks a default response", name)
		}
	})
}

// TestParametersHaveLimits: what comes in an address is bounded in length or to a list.
func TestParametersHaveLimits(t *testing.T) {
	document := contract(t)
	eachOperation(document, func(name, _, path string, operation *openapi3.Operation) {
		for _, p := range slices.Concat(document.Paths.Value(path).Parameters, operation.Parameters) {
			schema := p.Value.Schema.Value
			text := schema.Type.Is("string")
			if text && schema.MaxLength == nil && schema.Enum == nil && schema.Pattern == "" {
				t.Errorf("%s: the parameter %s may be of any length", name, p.Value.Name)
			}
			if schema.Type.Is("integer") && schema.Min == nil {
				t.Errorf("%s: the parameter %s has no least value", name, p.Value.Name)
			}
		}
	})
}

// TestSchemasHaveTheMembersOfPlan compares schemas with the JSON members of the types that they describe.
func TestSchemasHaveTheMembersOfPlan(t *testing.T) {
	schemas := contract(t).Components.Schemas
	for name, kind := range map[string]reflect.Type{
		"Text": reflect.TypeFor[plan.Text](), "Attribute": reflect.TypeFor[plan.Attribute](), "CodeEntry": reflect.TypeFor[plan.CodeEntry](),
		"Period": reflect.TypeFor[plan.Period](), "Contact": reflect.TypeFor[plan.Contact](), "Lineage": reflect.TypeFor[plan.Text](),
		"Pull": reflect.TypeFor[plan.Pull](), "Tally": reflect.TypeFor[plan.Tally](),
		"RevisionRecord": reflect.TypeFor[plan.RevisionRecord](), "LayerCounts": reflect.TypeFor[plan.LayerCounts](),
		"Job": reflect.TypeFor[plan.Job](), "Progress": reflect.TypeFor[plan.Progress](), "Finding": reflect.TypeFor[plan.Finding](), "Location": reflect.TypeFor[plan.Location](),
		"RulesetRef": reflect.TypeFor[plan.RulesetRef](), "FeatureRef": reflect.TypeFor[plan.FeatureRef](), "Extent": reflect.TypeFor[plan.Extent](),
		"KommunExtent": reflect.TypeFor[plan.KommunExtent](), "Conflict": reflect.TypeFor[plan.Conflict](), "ConflictSum": reflect.TypeFor[plan.ConflictSum](),
		"UnknownTheme": reflect.TypeFor[plan.UnknownTheme](), "UnknownFeature": reflect.TypeFor[plan.UnknownFeature](), "Assessment": reflect.TypeFor[plan.Assessment](),
		"Clearance": reflect.TypeFor[plan.Clearance](), "Why": reflect.TypeFor[plan.Why](), "LayerSource": reflect.TypeFor[plan.LayerSource](),
		"SeverityCase": reflect.TypeFor[plan.SeverityCase](), "Category": reflect.TypeFor[plan.Category](), "Cell": reflect.TypeFor[plan.Cell](),
		"Precedence": reflect.TypeFor[plan.Precedence](), "Sliver": reflect.TypeFor[plan.Sliver](), "RulesetChange": reflect.TypeFor[plan.RulesetChange](),
		"FieldChange": reflect.TypeFor[plan.FieldChange](), "RulesetPreview": reflect.TypeFor[plan.RulesetPreview](),
		"SumChange": reflect.TypeFor[plan.SumChange](), "Figures": reflect.TypeFor[plan.Figures](),
		"Side": reflect.TypeFor[plan.Side](), "Rule": reflect.TypeFor[plan.Rule](), "Ruleset": reflect.TypeFor[plan.Ruleset](),
	} {
		schema := schemas[name].Value
		all, always := members(kind)
		for member := range all {
			if schema.Properties[member] == nil {
				t.Errorf("the schema %s lacks %s", name, member)
			}
		}
		for property := range schema.Properties {
			if !all[property] {
				t.Errorf("the schema %s has %s, which is not there", name, property)
			}
		}
		for _, property := range schema.Required {
			if !always[property] {
				t.Errorf("the schema %s requires %s, which may be left out", name, property)
			}
		}
	}
	layer, _ := members(reflect.TypeFor[plan.Layer]())
	for member := range layer {
		if schemas["Layer"].Value.Properties[member] == nil {
			t.Errorf("the schema Layer lacks %s", member)
		}
	}
	metadata, _ := members(reflect.TypeFor[plan.Metadata]())
	for member := range metadata {
		for _, schema := range []string{"LayerDefinition", "LayerChange"} {
			if schemas[schema].Value.Properties[member] == nil {
				t.Errorf("the schema %s lacks %s", schema, member)
			}
		}
	}
}

// members gives the names of the JSON members of a struct, and those that are always written.
func members(kind reflect.Type) (all, always map[string]bool) {
	all, always = map[string]bool{}, map[string]bool{}
	for _, field := range reflect.VisibleFields(kind) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		all[name] = true
		always[name] = !strings.Contains(options, "omitempty")
	}
	return all, always
}

// TestListsAreThoseOfPlan compares the closed lists.
func TestListsAreThoseOfPlan(t *testing.T) {
	schemas := contract(t).Components.Schemas
	var themes []any
	for _, theme := range plan.Themes {
		themes = append(themes, string(theme))
	}
	if got := schemas["Theme"].Value.Enum; !slices.Equal(got, themes) {
		t.Errorf("the themes are %v, want %v", got, themes)
	}
	var rhythms []any
	for _, rhythm := range plan.UpdateRhythms {
		rhythms = append(rhythms, string(rhythm))
	}
	if got := schemas["UpdateRhythm"].Value.Enum; !slices.Equal(got, rhythms) {
		t.Errorf("the update rhythms are %v, want %v", got, rhythms)
	}
	roles := schemas["Principal"].Value.Properties["role"].Value.Enum
	for i, role := range plan.Roles {
		if i >= len(roles) || roles[i] != string(role) {
			t.Errorf("the roles are %v, want %v", roles, plan.Roles)
		}
	}
	for _, layer := range plan.BuiltIn() {
		var schema *openapi3.Schema
		switch layer.ID {
		case "kommun":
			schema = schemas["Kommun"].Value
		case "kommunalforbund":
			schema = schemas["Kommunalforbund"].Value
		default:
			continue
		}
		for _, a := range layer.Attributes {
			if p := schema.Properties[a.Name]; p == nil || p.Value.Nullable == a.Required {
				t.Errorf("%s: the schema does not fit the attribute %s", layer.ID, a.Name)
			}
		}
	}
}
