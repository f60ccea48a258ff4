package app

import (
	"net/url"
	"strings"
)

// workflowLink is where the Temporal UI shows a workflow; empty where nobody said
// where the UI is (TEMPORAL_UI_URL). A slash in an id is written %2F.
func (o *Operator) workflowLink(workflowID string) string {
	return uiLink(o.cfg.UI.TemporalURL, orDefaultNamespace(o.cfg.Temporal), "workflows", workflowID)
}

// scheduleLink is where the Temporal UI shows a schedule.
func (o *Operator) scheduleLink(scheduleID string) string {
	return uiLink(o.cfg.UI.TemporalURL, orDefaultNamespace(o.cfg.Temporal), "schedules", scheduleID)
}

func uiLink(base, namespace, what, id string) string {
	if base == "" {
		return ""
	}
	return strings.TrimRight(base, "/") + "/namespaces/" + url.PathEscape(namespace) + "/" + what + "/" + url.PathEscape(id)
}
