package main

import "github.com/eitje/connexie-worker/internal/app"

// showErasure prints what an erasure did, or would do.
func (t *terminal) showErasure(report app.ErasureReport) {
	switch report.Outcome {
	case app.ErasureAlready:
		t.say("%s on %s by %s. Nothing was changed.", t.bold("Already erased"), when(report.ErasedAt), report.ErasedBy)
		return
	case app.ErasureDone:
		t.say("%s", t.bold("Erased."))
	default:
		t.say("%s: %s", t.bold("Preview, nothing was changed"), t.erasureOutcome(report.Outcome))
	}
	var reasons []row
	for _, reason := range report.Obstacles {
		reasons = append(reasons, row{printable(reason.What), yesNo(reason.Forceable), printable(reason.NextStep)})
	}
	t.table("What stands against it", row{"reason", "can be forced", "what to do"}, reasons...)
	var tables []row
	for _, table := range report.Tables {
		tables = append(tables, row{table.Table, table.Effect, table.Rows})
	}
	t.table("", row{"table", "rows are", "rows"}, tables...)
	if report.Outcome != app.ErasureDone {
		return
	}
	if report.KeptOut {
		t.say("Later synchronisations leave the person out. To end that: starter erase lift -h")
	} else {
		t.say("Connexie never knew this profile: should the person begin there, a new one is made.")
	}
}

func (t *terminal) erasureOutcome(outcome string) string {
	switch outcome {
	case app.ErasurePossible:
		return "the person can be erased, with --yes"
	case app.ErasureNeedsForce:
		return t.alert("needs --force")
	}
	return t.alert("refused")
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (t *terminal) showErasures(erasures []app.Erasure) {
	t.sayIfNone(len(erasures), "Nobody has been erased.")
	var rows []row
	for _, erasure := range erasures {
		lifted := "-"
		if !erasure.LiftedAt.IsZero() {
			lifted = when(erasure.LiftedAt) + " by " + erasure.LiftedBy
		}
		rows = append(rows, row{
			when(erasure.ErasedAt), erasure.ErasedBy, yesNo(erasure.Forced), yesNo(erasure.KeptOut), lifted,
			orDash(erasure.TeamMemberID), erasure.ID,
		})
	}
	t.table("", row{"erased", "by", "forced", "kept out", "lifted", "empty team member", "erasure"}, rows...)
}
