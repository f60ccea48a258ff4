package domain

// onHold reports whether somebody exempted the person from the sync, the last day
// included, and concludes so (S21). Nothing else is asked then: what is known of the
// person stays as it is, notifications too.
func (p *planner) onHold() bool {
	until := p.facts.HoldUntil
	if until.IsZero() || until.Before(p.facts.Day) {
		return false
	}
	p.explain("S21", "Is the person on hold?", "yes, until "+until.String()+" included; the sync leaves them as they are")
	p.conclude(OnHold, "", "S21")
	return true
}
