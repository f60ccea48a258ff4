package domain

import (
	"fmt"
	"slices"
	"strings"
)

// ExportRequest is what somebody asks for who wants a period exported.
type ExportRequest struct {
	ConnectionID        string
	Period              Period
	Kinds               []ExportKind
	AcknowledgeUnmapped bool
}

// Command is the command line that asks for it, for sentences that say what to do.
func (r ExportRequest) Command() string {
	command := fmt.Sprintf("starter export --connection %s --from %s --to %s --kinds %s",
		r.ConnectionID, r.Period.From, r.Period.To, joinedKinds(r.Kinds))
	if r.AcknowledgeUnmapped {
		command += " --acknowledge-unmapped"
	}
	return command
}

// joinedKinds lists kinds as the command line takes them, in the order in which they
// are shown.
func joinedKinds(kinds []ExportKind) string {
	var words []string
	for _, kind := range ExportKinds() {
		if slices.Contains(kinds, kind) {
			words = append(words, string(kind))
		}
	}
	return strings.Join(words, ",")
}
