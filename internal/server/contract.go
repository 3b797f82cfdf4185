package server

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/labstack/echo/v4"

	openapi "strukturbild/api"
	"strukturbild/internal/plan"
)

// contract is api/openapi.yaml: it is served, and every request to /api/v1 is held against it.
type contract struct {
	document *openapi3.T
	json     []byte
	router   routers.Router
}

func loadContract() (*contract, error) {
	document, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		return nil, err
	}
	document.Servers = openapi3.Servers{{URL: api}}
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		return nil, err
	}
	asJSON, err := document.MarshalJSON()
	return &contract{document, asJSON, router}, err
}

func (k *contract) covers(path string) bool { return path == api || strings.HasPrefix(path, api+"/") }

// validate refuses what the contract does not allow, before the handler sees it. GeoJSON bodies are left to package
// ingest, which says what is wrong by feature, rule and place.
func (k *contract) validate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Method == http.MethodHead { // the contract names GET; HEAD is the same without a body (RFC 9110, 9.3.2)
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		if r.URL.Path == api { // the contract's path "/", without the slash that nobody needs to send
			r = r.Clone(r.Context())
			r.URL.Path += "/"
		}
		withBody := c.Path() != uploadPath && c.Path() != pullPath && strings.HasPrefix(r.Header.Get(echo.HeaderContentType), echo.MIMEApplicationJSON)
		if err := k.check(r, withBody); err != nil {
			return err
		}
		return next(c)
	}
}

// check holds a request against its operation.
func (k *contract) check(r *http.Request, withBody bool) error {
	if !withBody { // the validator would read it into memory, an upload of gigabytes too, for its security functions
		r = r.WithContext(r.Context())
		r.Body = http.NoBody
	}
	matched, parameters, err := k.router.FindRoute(r)
	if err != nil {
		return plan.Because(err, plan.Internal, "", "the route is not in the contract")
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: parameters, Route: matched,
		Options: &openapi3filter.Options{
			ExcludeRequestBody: !withBody,
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, // access.go has done it
			MultiError:         true,
		}}
	if err := unknownParameter(r, matched); err != nil {
		return err
	}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		return explain(err)
	}
	return nil
}

// unknownParameter refuses a misspelt query parameter, which would otherwise be silently without effect.
func unknownParameter(r *http.Request, matched *routers.Route) error {
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return plan.Errorf(plan.Invalid, "query", "the query string can't be read: %w", err)
	}
	for name := range parameters {
		known := matched.Operation.Parameters.GetByInAndName("query", name) != nil ||
			matched.PathItem.Parameters.GetByInAndName("query", name) != nil
		if !known {
			return plan.Errorf(plan.Invalid, name, "there is no parameter %q here; the parameters are in %s/openapi.json", name, api)
		}
	}
	return nil
}

// explain turns the validator's errors into one error with a finding each.
func explain(err error) error {
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return err
	}
	faults, many := errors.AsType[openapi3.MultiError](err)
	if !many {
		faults = openapi3.MultiError{err}
	}
	result := plan.Errorf(plan.Invalid, "", "the request does not follow the contract")
	for i, fault := range faults {
		locator, sentence := describe(fault)
		if i == 0 {
			result.Locator, result.Message = locator, "the request does not follow the contract: "+sentence
		}
		result.Findings = append(result.Findings, plan.Finding{Feature: -1, Rule: "contract", Pointer: locator,
			Message: plan.Text{SV: sentence, EN: sentence}})
	}
	return result
}

func describe(fault error) (locator, sentence string) {
	sentence = fault.Error()
	if request, ok := errors.AsType[*openapi3filter.RequestError](fault); ok {
		switch {
		case request.Parameter != nil:
			locator, sentence = request.Parameter.Name, "parameter "+request.Parameter.Name+": "+reason(request.Err, request.Reason)
		case request.RequestBody != nil:
			sentence = "body: " + reason(request.Err, request.Reason)
		}
	}
	if schema, ok := errors.AsType[*openapi3.SchemaError](fault); ok {
		if pointer := schema.JSONPointer(); len(pointer) > 0 {
			locator = "/" + strings.Join(pointer, "/")
			sentence = locator + ": " + schema.Reason
		}
	}
	return locator, sentence
}

func reason(err error, otherwise string) string {
	if schema, ok := errors.AsType[*openapi3.SchemaError](err); ok {
		return schema.Reason
	}
	if err != nil {
		return err.Error()
	}
	return otherwise
}

func (s *Server) getContract(c echo.Context) error {
	return c.JSONBlob(http.StatusOK, s.contract.json)
}
