package domain

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Step is one question that was asked about a person and its answer (S20). It
// carries rule ids, dates and words, never personal data.
type Step struct {
	Rule     string `json:"rule"`
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

func (p *planner) explain(rule, question, answer string) {
	p.plan.Steps = append(p.plan.Steps, Step{Rule: rule, Question: question, Answer: answer})
}

func (p *planner) want(notice Notice) { p.wanted = append(p.wanted, notice) }

// notify turns the notices that must be open into those to open and those to close
// (N1). A record that could not be read closes nothing: it does not tell that a cause
// is gone, and a notification that came back unchanged the next night would be noise.
// Nor does a hold, which says nothing about a cause (S21).
func (p *planner) notify() {
	for _, notice := range p.wanted {
		if !slices.Contains(p.facts.OpenCauses, notice.Cause) {
			p.plan.Open = append(p.plan.Open, notice)
		}
	}
	if p.plan.Situation == BadRecord || p.plan.Situation == OnHold {
		return
	}
	for _, cause := range standingCauses {
		isWanted := slices.ContainsFunc(p.wanted, func(n Notice) bool { return n.Cause == cause })
		if !isWanted && slices.Contains(p.facts.OpenCauses, cause) {
			p.plan.Close = append(p.plan.Close, cause)
		}
	}
}

// noticeEmail tells once that the log-in e-mail differs: it is never written after
// creation (S8).
func (p *planner) noticeEmail() {
	key := EmailKey(p.facts.Person.Email)
	if key != "" && key != EmailKey(p.plan.Profile.Email) {
		p.want(emailDiffersNotice(p.facts.Person.ID))
	}
}

// noticeEndedEmployment tells of the missing step: the employment has ended in
// Connexie alone, and the team member stays active in Eitje (S12).
func (p *planner) noticeEndedEmployment() {
	employed := p.facts.Person.Employment.ActiveOn(p.facts.Day)
	if employed || !p.plan.Profile.Active {
		return
	}
	if p.facts.Ending {
		p.explain("S12", "Has the employment ended in Connexie alone?", "yes; its ending is under way and says what is to be done")
		return
	}
	p.explain("S12", "Has the employment ended in Connexie alone?", "yes; the team member stays active until it is ended in Eitje too")
	p.want(employmentEndedNotice(p.facts.Person, *p.plan.Profile))
}

func (p *planner) wantEmailNotice(reason Reason) {
	switch reason {
	case ReasonEmailBlank:
		p.want(emailBlankNotice(p.facts.Person.ID))
	case ReasonEmailInvalid:
		p.want(emailInvalidNotice(p.facts.Person.ID))
	}
}

var disputeAnswers = map[Reason]string{
	ReasonSeveralCandidates:    "no: several unlinked profiles have the e-mail address; it waits until someone decides",
	ReasonSharedEmail:          "no: several unlinked people in Connexie share the e-mail address; it waits until someone decides",
	ReasonDecidedProfileGone:   "yes, but the profile that was chosen can no longer be linked; it waits until someone decides anew",
	ReasonEmailOfLinkedProfile: "no: a profile with another Connexie ID has the e-mail address; it waits until someone decides",
}

// overwrittenAnswer names the fields that are overwritten, never what they hold (N4).
func overwrittenAnswer(changes []Change) string {
	var fields []string
	for _, change := range changes {
		field := string(change.Object) + "." + change.Field
		if change.Object != ObjectLink && !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
	}
	if len(fields) == 0 {
		return "no"
	}
	return "yes, overwritten: " + strings.Join(fields, ", ")
}

func addedAnswer(venues int) string {
	if venues == 0 {
		return "no"
	}
	return fmt.Sprintf("yes; added: %d", venues)
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func trimEmail(email string) string { return strings.Trim(email, whiteSpace) }

func instantText(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
