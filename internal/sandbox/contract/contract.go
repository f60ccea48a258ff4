// Package contract holds HTTP exchanges against the Connexie contract: the
// schemas of openapi.yaml, and those of its conventions that a schema cannot
// say (an ETag with the first page, Retry-After with 429, decimals without an
// exponent).
//
// Put it between a client and a sandbox in a test, and a difference from the
// contract on either side fails that test:
//
//	client := &http.Client{Transport: contract.Transport(t, nil)}
package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// Contract checks requests and responses. It is safe for concurrent use.
type Contract struct {
	router routers.Router
}

// Exchange is one request and the response to it, bodies read to the end.
type Exchange struct {
	Request      *http.Request // its Body is not touched
	RequestBody  []byte
	Status       int
	Header       http.Header
	ResponseBody []byte
}

// Load reads the contract that the sandbox carries, once.
var Load = sync.OnceValues(load)

func load() (*Contract, error) {
	document, err := openapi3.NewLoader().LoadFromData(sandbox.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("load the contract: %w", err)
	}
	// Any host will do, because tests listen on addresses of their own: input
	// leaves the host out of the request's URL too.
	document.Servers = openapi3.Servers{{URL: "/v1"}}
	router, err := legacy.NewRouter(document)
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	return &Contract{router: router}, nil
}

// CheckRequest reports in what a request is not what the contract describes: an
// unknown operation, a parameter or body that does not fit, no bearer token.
func (c *Contract) CheckRequest(request *http.Request, body []byte) error {
	input, err := c.input(request, body)
	if err != nil {
		return err
	}
	if err := openapi3filter.ValidateRequest(request.Context(), input); err != nil {
		return fmt.Errorf("request %s: %w", input.Route.Operation.OperationID, err)
	}
	if err := errors.Join(checkQuery(input), checkBody(body)); err != nil {
		return fmt.Errorf("request %s: %w", input.Route.Operation.OperationID, err)
	}
	return nil
}

// CheckResponse reports in what the response is not what the contract describes
// for its request, which need not be right itself.
func (c *Contract) CheckResponse(exchange Exchange) error {
	input, err := c.input(exchange.Request, exchange.RequestBody)
	if err != nil {
		return err
	}
	response := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 exchange.Status,
		Header:                 exchange.Header,
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	response.SetBodyBytes(exchange.ResponseBody)
	if err := openapi3filter.ValidateResponse(exchange.Request.Context(), response); err != nil {
		return fmt.Errorf("response %d of %s: %w", exchange.Status, input.Route.Operation.OperationID, err)
	}
	if err := checkConventions(input.Route.Operation.OperationID, exchange); err != nil {
		return fmt.Errorf("response %d of %s: %w", exchange.Status, input.Route.Operation.OperationID, err)
	}
	return nil
}

// input works on a copy, because the validation reads the body and sets defaults.
func (c *Contract) input(request *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	copied := request.Clone(request.Context())
	copied.URL.Scheme, copied.URL.Host = "", ""
	copied.Body = http.NoBody
	if len(body) > 0 {
		copied.Body = readCloser{bytes.NewReader(body)}
	}
	route, parameters, err := c.router.FindRoute(copied)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", request.Method, request.URL.Path, err)
	}
	return &openapi3filter.RequestValidationInput{
		Request: copied, PathParams: parameters, Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, SkipSettingDefaults: true,
			RejectWhenRequestBodyNotSpecified: true,
			AuthenticationFunc:                bearer,
		},
	}, nil
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

func bearer(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	authorization := input.RequestValidationInput.Request.Header.Get("Authorization")
	if len(authorization) <= len("Bearer ") || authorization[:len("Bearer ")] != "Bearer " {
		return input.NewError(errNoToken)
	}
	return nil
}
