package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/eitje/connexie-worker/internal/store"
)

// subject is what a call is about. It finds what it names, keeps it for the handler,
// and tells which connection that belongs to; store.ErrNotFound where nothing is
// there.
type subject interface {
	find(ctx context.Context, reader Reader) (store.Connection, error)
	// called is the word for it.
	called() string
}

// operation registers a call. It is the one place that decides who may do what: the
// subject is found and compared with the caller's organisation before the handler
// runs (N7), and every error becomes a problem.
func operation[I any, O any, P interface {
	*I
	subject
}](a *api, about huma.Operation, handle func(ctx context.Context, in P) (*O, error)) {
	describe(a.huma, &about)
	huma.Register(a.huma, about, func(ctx context.Context, in *I) (*O, error) {
		if err := a.admit(ctx, P(in)); err != nil {
			return nil, a.problemOf(ctx, err)
		}
		out, err := handle(ctx, P(in))
		if err != nil {
			return nil, a.problemOf(ctx, err)
		}
		return out, nil
	})
}

// admit lets a caller through whose organisation owns the subject.
func (a *api) admit(ctx context.Context, about subject) error {
	connection, err := about.find(ctx, a.Reader)
	if errors.Is(err, store.ErrNotFound) {
		return notThere(about.called())
	}
	if err != nil {
		return err
	}
	if connection.OrganisationID != callOf(ctx).organisationID {
		return notThere(about.called())
	}
	return nil
}

// problemOf keeps what the caller can act on, and tells the log of the rest.
func (a *api) problemOf(ctx context.Context, err error) *Problem {
	requestID := callOf(ctx).requestID
	problem := internal()
	var known *Problem
	switch {
	case errors.As(err, &known):
		own := *known
		problem = &own
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		problem = timedOut()
	default:
		a.Log.Failed(requestID, err)
	}
	problem.RequestID = requestID
	return problem
}

// describe adds what all calls have in common.
func describe(api huma.API, about *huma.Operation) {
	// The body is in memory by then (see bodyInMemory). Left to itself, huma sets a
	// deadline that would cancel the request while the engine is asked.
	about.BodyReadTimeout = -1
	about.MaxBodyBytes = maxBody + 1
	schema := api.OpenAPI().Components.Schemas.Schema(typeOfProblem, true, "Problem")
	if about.Responses == nil {
		about.Responses = map[string]*huma.Response{}
	}
	statuses := append(about.Errors, //nolint:gocritic // the operation is ours
		http.StatusUnauthorized, http.StatusNotFound, http.StatusUnprocessableEntity,
		http.StatusInternalServerError, http.StatusServiceUnavailable)
	about.Errors = nil // huma would describe its own form of an error
	content := map[string]*huma.MediaType{problemType: {Schema: schema}}
	for _, status := range statuses {
		about.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: content}
	}
	about.Responses["default"] = &huma.Response{Description: "Whatever else is refused", Content: content}
}

// fromHuma turns what huma found wrong with a request into a problem of ours. Values
// are left out: they are what a caller sent.
func fromHuma(ctx huma.Context, _ string, answer any) (any, error) {
	found, ok := answer.(*huma.ErrorModel)
	if !ok {
		return answer, nil
	}
	problem := NewProblem(found.Status, "the request cannot be taken: "+found.Detail, "Mend what errors names; the form of every request is in /v1/openapi.json.")
	for _, fault := range found.Errors {
		if fault != nil {
			problem.Errors = append(problem.Errors, Fault{Location: shorten(fault.Location), Message: shorten(fault.Message)})
		}
	}
	problem.Errors = problem.Errors[:min(len(problem.Errors), maxFaults)]
	problem.RequestID = callOf(ctx.Context()).requestID
	return problem, nil
}

// maxFaults and maxText keep an answer readable whatever was sent.
const (
	maxFaults = 20
	maxText   = 200
)

func shorten(text string) string {
	runes := []rune(text)
	if len(runes) <= maxText {
		return text
	}
	return fmt.Sprintf("%s…", string(runes[:maxText]))
}
