package bench

import (
	_ "embed"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/jedib0t/go-pretty/v6/table"
)

// document is the text around the tables, written by hand.
//
//go:embed document.md.tmpl
var document string

// page is a report with its tables as Markdown.
type page struct {
	*Report
}

// Scenarios is the table of worker and floor.
func (p page) Scenarios() string { return markdown(rowTable(ofPeople, p.Rows)) }

// ExportScenarios is the same table of exports.
func (p page) ExportScenarios() string { return markdown(rowTable(ofEntries, p.Exports)) }

// NaiveWays is the table of what people write first.
func (p page) NaiveWays() string { return markdown(p.naiveTable()) }

// TargetsMet is the table of targets.
func (p page) TargetsMet() string { return markdown(p.targetTable()) }

func markdown(t table.Writer) string {
	if t.Length() == 0 {
		return "Not measured this time."
	}
	return t.RenderMarkdown()
}

// Document is the whole page.
func (r *Report) Document() (string, error) {
	parsed, err := template.New("document").Parse(document)
	if err != nil {
		return "", fmt.Errorf("read the document's template: %w", err)
	}
	var text strings.Builder
	if err := parsed.Execute(&text, page{r}); err != nil {
		return "", fmt.Errorf("write the document: %w", err)
	}
	return strings.TrimRight(text.String(), "\n") + "\n", nil
}

// WriteDocument writes the page to a file.
func (r *Report) WriteDocument(path string) error {
	text, err := r.Document()
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
