package mail

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/eitje/connexie-worker/internal/domain"
)

// What a mail says is plain text with ids and codes, never a name (N4): it lies in
// mailboxes for years.

// mostSubjects is how many ids stand behind one next step; the rest is counted.
const mostSubjects = 50

// latest leaves of each notification what happened to it last: who reads of what opened
// and closed while mails waited would be sent to do what is done. Tests stay.
func latest(events []domain.NoticeEvent) []domain.NoticeEvent {
	last := map[string]string{}
	for _, event := range events {
		last[event.NotificationID] = event.ID
	}
	return slices.DeleteFunc(slices.Clone(events), func(event domain.NoticeEvent) bool {
		return event.Kind != domain.EventOfTesting && last[event.NotificationID] != event.ID
	})
}

// subject is the subject line.
func subject(events []domain.NoticeEvent) string {
	lead := events[0]
	switch {
	case len(events) > 1:
		return fmt.Sprintf("[Connexie] %d notifications: %s", len(events), countsOf(events))
	case lead.Kind == domain.EventOfTesting:
		return "[Connexie] test of this channel"
	case lead.Kind == domain.EventClosed:
		return fmt.Sprintf("[Connexie] closed: %s", words(string(lead.Cause)))
	}
	return fmt.Sprintf("[Connexie] %s: %s", lead.Severity, words(string(lead.Cause)))
}

// countsOf tells how many of each severity there are, the most severe first, and how
// many have closed.
func countsOf(events []domain.NoticeEvent) string {
	severities, closed := map[domain.Severity]int{}, 0
	for _, event := range events {
		if event.Kind == domain.EventClosed {
			closed++
			continue
		}
		severities[event.Severity]++
	}
	var parts []string
	for _, severity := range slices.Backward(domain.Severities()) {
		if number := severities[severity]; number > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", number, severity))
		}
	}
	if closed > 0 {
		parts = append(parts, fmt.Sprintf("%d closed", closed))
	}
	return strings.Join(parts, ", ")
}

// sections are in the order in which they are read.
var sections = []struct {
	kind  domain.EventKind
	title string
}{
	{domain.EventOfTesting, "Test"},
	{domain.EventOpened, "New"},
	{domain.EventToldAnew, "Changed"},
	{domain.EventDueAgain, "Due again"},
	{domain.EventClosed, "Closed: the cause is gone, nothing need be done"},
}

// text is the body.
func text(envelope Envelope) string {
	var body strings.Builder
	organisation := envelope.Events[0].OrganisationID
	fmt.Fprintf(&body, "Notifications about the connection to Connexie of organisation %s.\n", organisation)
	for _, section := range sections {
		writeSection(&body, section.kind, section.title, envelope)
	}
	fmt.Fprintf(&body, "\nEverything that is open: starter notifications list --organisation %s\n", organisation)
	fmt.Fprintf(&body, "This address is channel %s. To change that: starter notifications channels -h\n", envelope.ChannelID)
	return body.String()
}

// group is what many people often need alike.
type group struct {
	severity         domain.Severity
	cause            domain.Cause
	connection, next string
}

func writeSection(body *strings.Builder, kind domain.EventKind, title string, envelope Envelope) {
	var order []group
	about := map[group][]string{}
	for _, event := range envelope.Events {
		if event.Kind != kind {
			continue
		}
		key := group{event.Severity, event.Cause, event.ConnectionID, event.NextStep}
		if about[key] == nil {
			order = append(order, key)
		}
		about[key] = append(about[key], event.Subject)
	}
	if len(order) == 0 {
		return
	}
	slices.SortStableFunc(order, func(a, b group) int {
		return cmp.Compare(slices.Index(domain.Severities(), b.severity), slices.Index(domain.Severities(), a.severity))
	})
	fmt.Fprintf(body, "\n%s\n%s\n", title, strings.Repeat("-", len(title)))
	for _, key := range order {
		writeGroup(body, kind, key, about[key], envelope.Link)
	}
}

func writeGroup(body *strings.Builder, kind domain.EventKind, key group, subjects []string, link func(string) string) {
	if kind == domain.EventOfTesting {
		fmt.Fprintf(body, "\n%s\n", key.next)
		return
	}
	fmt.Fprintf(body, "\n%s: %s\n", key.severity, words(string(key.cause)))
	fmt.Fprintf(body, "  About:      %s\n", listed(subjects))
	if kind != domain.EventClosed {
		fmt.Fprintf(body, "  Next step:  %s\n", key.next)
	}
	fmt.Fprintf(body, "  Connection: %s\n", key.connection)
	if at := link(key.connection); at != "" {
		fmt.Fprintf(body, "  Look:       %s\n", at)
	}
}

func listed(subjects []string) string {
	shown := strings.Join(subjects[:min(len(subjects), mostSubjects)], ", ")
	if more := len(subjects) - mostSubjects; more > 0 {
		return fmt.Sprintf("%s and %d more", shown, more)
	}
	return shown
}

// words is a code as people read it.
func words(code string) string { return strings.ReplaceAll(code, "_", " ") }
