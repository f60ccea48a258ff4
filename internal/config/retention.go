package config

// Retention is how many days things are kept that nothing needs any more (N5). What a rule
// needs is kept as long as it does.
type Retention struct {
	MirrorDays        int `envconfig:"RETENTION_MIRROR_DAYS" default:"90" desc:"Days that people stay known who are missing from Connexie and linked to nobody: a season, should they come back."`
	RunsDays          int `envconfig:"RETENTION_RUNS_DAYS" default:"90" desc:"Days that it stays known what a run did to each person; its counts stay for good. Nights go as well."`
	PreviewsDays      int `envconfig:"RETENTION_PREVIEWS_DAYS" default:"7" desc:"Days that previews of exports are kept: they are looked at once."`
	LinesDays         int `envconfig:"RETENTION_LINES_DAYS" default:"400" desc:"Days that lines of exports are kept that a later export replaced or that were never brought; a year and a month, for the year's end. Receipts and what Connexie holds stay for good."`
	ChangesDays       int `envconfig:"RETENTION_CHANGES_DAYS" default:"400" desc:"Days that the audit keeps what stood in a field before and after; until then an overwrite can be undone. That it changed stays for good."`
	NotificationsDays int `envconfig:"RETENTION_NOTIFICATIONS_DAYS" default:"180" desc:"Days that closed notifications are kept, with what was delivered of them."`
	ErasedDays        int `envconfig:"RETENTION_ERASED_DAYS" default:"400" desc:"Days after the last day of work that the Connexie ID of somebody erased stays with exported lines: payroll has run by then."`
}

// Each at least as long as something may still be asked about it, and at most ten years.
const mostDays = 3660

func (r Retention) problems() []Problem {
	var problems []Problem
	for _, term := range []struct {
		variable    string
		days, least int
	}{
		{"RETENTION_MIRROR_DAYS", r.MirrorDays, 7},     // an outage of a week concludes nothing
		{"RETENTION_RUNS_DAYS", r.RunsDays, 7},         // what happened last night is asked about after a weekend
		{"RETENTION_PREVIEWS_DAYS", r.PreviewsDays, 1}, // somebody may be looking at it
		{"RETENTION_LINES_DAYS", r.LinesDays, 62},      // a period is at most 62 days (X10)
		{"RETENTION_CHANGES_DAYS", r.ChangesDays, 30},  // an overwrite is noticed with the next pay slip (S10)
		{"RETENTION_NOTIFICATIONS_DAYS", r.NotificationsDays, 7},
		{"RETENTION_ERASED_DAYS", r.ErasedDays, 62}, // a period may be exported again until payroll has run (X9)
	} {
		problems = append(problems, between(term.variable, term.days, term.least, mostDays)...)
	}
	return problems
}
