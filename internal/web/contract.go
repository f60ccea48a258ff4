package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

var typeOfProblem = reflect.TypeFor[Problem]()

// strictly makes huma take "decision" and not "Decision", since what is unknown is
// refused, and describe lists as never null. The settings are the whole process's,
// hence once.
var strictly = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
})

// newContract makes the API's description, to which operations add themselves.
func newContract(mux *http.ServeMux) huma.API {
	strictly()
	form := huma.Format{Marshal: writeJSON, Unmarshal: readJSON}
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	return humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			Info: &huma.Info{
				Title:   "Connexie worker",
				Version: "1",
				Description: "Ask for synchronisations between Connexie and Eitje, and see how far they are. " +
					"A key sees one organisation; what belongs to another is not there.",
			},
			Components: &huma.Components{
				Schemas:         registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer"}},
			},
			Security: []map[string][]string{{"key": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": form, "json": form}, // and what ends in +json
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{fromHuma},
	})
}

// serveContract writes the description once and serves it. Huma's own handlers write
// it at the first request, which two requests at once would race for.
func (a *api) serveContract(mux *http.ServeMux) error {
	description := a.huma.OpenAPI()
	openAnswers(description.Components.Schemas.Map())
	asJSON, err := json.MarshalIndent(description, "", "  ")
	if err != nil {
		return fmt.Errorf("describe the API as JSON: %w", err)
	}
	asYAML, err := description.YAML()
	if err != nil {
		return fmt.Errorf("describe the API as YAML: %w", err)
	}
	mux.HandleFunc("GET /v1/openapi.json", document("application/openapi+json", asJSON))
	mux.HandleFunc("GET /v1/openapi.yaml", document("application/openapi+yaml", asYAML))
	return nil
}

// openAnswers lets answers grow members without breaking whoever reads them by this
// description; only what is sent to us is closed. It also takes out huma's own form of
// an error, which we never send.
func openAnswers(schemas map[string]*huma.Schema) {
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for name, schema := range schemas {
		if closed, is := schema.AdditionalProperties.(bool); is && !closed && name != "Request" && name != "Decision" {
			schema.AdditionalProperties = nil
		}
	}
}

func document(contentType string, text []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(text)
	}
}
