package app

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/eitje/connexie-worker/internal/store"
)

// UnmappedKind is a meal or an allowance that is registered in Eitje and has no code
// yet: it is left out of every export until one is chosen (C6).
type UnmappedKind struct {
	// Kind is meal or allowance.
	Kind string `json:"kind"`
	// Type is the organisation's own word for it.
	Type string `json:"type"`
	// Entries is on how many entries it stands.
	Entries int `json:"entries"`
	// ChooseWith is the command that chooses a code; empty where Connexie has
	// activated none for the kind.
	ChooseWith string `json:"choose_with,omitempty"`
}

// Obstacle is something that stands in the way of an export.
type Obstacle struct {
	Rule     string `json:"rule"`
	What     string `json:"what"`
	NextStep string `json:"next_step"`
}

// addUnmapped adds the meals and allowances without a code, with the command for each.
func (o *Operator) addUnmapped(ctx context.Context, mappings *Mappings) error {
	kinds, err := o.store.UnmappedKinds(ctx, mappings.ConnectionID, o.now())
	mappings.Unmapped = mappings.withoutCode(kinds)
	return err
}

// withoutCode describes kinds, each with the command that chooses its code.
func (m Mappings) withoutCode(kinds []store.UnmappedKind) []UnmappedKind {
	described := make([]UnmappedKind, 0, len(kinds))
	for _, kind := range kinds {
		described = append(described, UnmappedKind{
			Kind: kind.Kind, Type: kind.Type, Entries: kind.Entries, ChooseWith: m.chooseWith(kind.Kind, kind.Type),
		})
	}
	return described
}

// chooseWith is the command that chooses a code for a kind, with the codes that there
// are to choose among; empty where there is none.
func (m Mappings) chooseWith(kind, typed string) string {
	var codes []string
	for _, code := range m.Available {
		if code.Kind == kind {
			codes = append(codes, code.Code)
		}
	}
	if len(codes) == 0 {
		return ""
	}
	command := "starter mappings code --connection " + m.ConnectionID + " --kind " + kind
	if typed != "" {
		command += " --type " + quoted(typed)
	}
	return command + " --code " + strings.Join(codes, "|")
}

// plainWord is what a shell takes as it stands.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// quoted writes a text of the organisation's own so that a shell takes it as one word.
func quoted(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// obstacles tells what an export would be refused for, as things are now (C3, C6, C7).
// Kinds without a code are none: they are left out, once somebody acknowledges it.
func (m Mappings) obstacles(connection store.Connection) []Obstacle {
	list := []Obstacle{}
	if connection.State != store.ConnectionActive {
		list = append(list, Obstacle{
			Rule: connectionRule(connection.State), What: fmt.Sprintf("the connection is %s", connection.State),
			NextStep: awaken(connection),
		})
	}
	if m.Undecided > 0 {
		list = append(list, Obstacle{
			Rule: "C3", What: fmt.Sprintf("%s undecided", amount(m.Undecided, "venue is", "venues are")),
			NextStep: "Decide about each; the commands are in: starter mappings list --connection " + m.ConnectionID,
		})
	}
	if m.HourCode == "" {
		list = append(list, Obstacle{Rule: "C7", What: "no code is chosen for hours", NextStep: m.chooseStep("hours", "")})
	}
	for _, chosen := range m.Codes {
		if chosen.Gone {
			list = append(list, Obstacle{
				Rule:     "C6",
				What:     fmt.Sprintf("Connexie no longer has code %s activated, which was chosen for %s", chosen.Code, chosen.purpose()),
				NextStep: m.chooseStep(chosen.Kind, chosen.Type),
			})
		}
	}
	return list
}

// connectionRule is the rule by which a connection that is not active exports nothing.
func connectionRule(state store.ConnectionState) string {
	switch state {
	case store.ConnectionNeedsToken:
		return "C8"
	case store.ConnectionPaused, store.ConnectionRemoved:
		return "C9"
	}
	return "C1"
}

func (m Mappings) chooseStep(kind, typed string) string {
	if command := m.chooseWith(kind, typed); command != "" {
		return "Choose one: " + command
	}
	return fmt.Sprintf("Activate a code for %s in Connexie; the next sync brings it.", kind)
}

// purpose is what a code was chosen for, such as: hours, or meal dinner.
func (c CodeMapping) purpose() string { return strings.TrimSpace(c.Kind + " " + c.Type) }

// amount writes a number with what it counts.
func amount(number int, one, many string) string {
	if number == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", number, many)
}
