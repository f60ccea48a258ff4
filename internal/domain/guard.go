package domain

// GuardLimits is how much one run may change before somebody must allow it (S16):
// for each kind the larger of a floor and a percentage of the linked people.
type GuardLimits struct {
	CreationsFloor   int
	CreationsPercent int
	ChangesFloor     int
	ChangesPercent   int
}

// Guarded counts what the guard looks at, each kind alone (S16).
type Guarded struct {
	Creations      int `json:"creations"`
	Reactivations  int `json:"reactivations"`
	ContractsEnded int `json:"contracts_ended"`
}

// Add counts a plan in.
func (g *Guarded) Add(plan Plan) {
	if plan.Action == ActionCreate {
		g.Creations++
	}
	if plan.Reactivates {
		g.Reactivations++
	}
	g.ContractsEnded += plan.ContractsEnded
}

// Exceeds reports whether any kind counts more than the other.
func (g Guarded) Exceeds(limit Guarded) bool {
	return g.Creations > limit.Creations || g.Reactivations > limit.Reactivations ||
		g.ContractsEnded > limit.ContractsEnded
}

// Limit is how many of each kind a connection with so many linked people may
// change unasked.
func (l GuardLimits) Limit(linked int) Guarded {
	changes := max(l.ChangesFloor, linked*l.ChangesPercent/100)
	return Guarded{
		Creations:      max(l.CreationsFloor, linked*l.CreationsPercent/100),
		Reactivations:  changes,
		ContractsEnded: changes,
	}
}
