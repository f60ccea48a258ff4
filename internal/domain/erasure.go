package domain

// ErasureFacts are what is looked at before a person is erased (N5).
type ErasureFacts struct {
	Day Date
	// Employment is what Connexie said last; nil where the mirror holds nobody.
	Employment *Employment
	// Linked tells that the profile and the person are linked: then Connexie decides
	// whether somebody works here. Active is what Eitje says of the profile.
	Linked, Active bool
	// EndingOpen tells that the ending of the employment is under way (E1).
	EndingOpen bool
	// ExportOpen tells that an export of the connection is under way (X14).
	ExportOpen bool
	// Unexported counts approved entries that an export would still bring to payroll;
	// they lie between First and Last.
	Unexported  int
	First, Last Date
}

// ErasureObstacle is why a person is not erased.
type ErasureObstacle string

// The obstacles of an erasure.
const (
	// EraseEmployed: Connexie still shows the employment as active.
	EraseEmployed ErasureObstacle = "employment_active"
	// EraseActive: the profile is active in Eitje, and Connexie knows nobody who
	// belongs to it.
	EraseActive ErasureObstacle = "active_in_eitje"
	// EraseUnexported: approved work has not been exported.
	EraseUnexported ErasureObstacle = "hours_not_exported"
	// EraseEnding: the two steps of an ending are under way.
	EraseEnding ErasureObstacle = "ending_open"
	// EraseExport: an export is under way.
	EraseExport ErasureObstacle = "export_open"
)

// Forceable reports whether somebody may erase the person in spite of the obstacle: the
// law may demand it. What is under way is not forced: it ends, or is ended, first.
func (o ErasureObstacle) Forceable() bool {
	return o == EraseEmployed || o == EraseActive || o == EraseUnexported
}

// ErasureObstacles lists what stands against an erasure, what cannot be forced first.
func ErasureObstacles(facts ErasureFacts) []ErasureObstacle {
	var found []ErasureObstacle
	for _, rule := range []struct {
		obstacle ErasureObstacle
		stands   bool
	}{
		{EraseExport, facts.ExportOpen},
		{EraseEnding, facts.EndingOpen},
		{EraseEmployed, facts.Employment != nil && facts.Employment.ActiveOn(facts.Day)},
		{EraseActive, facts.Employment == nil && !facts.Linked && facts.Active},
		{EraseUnexported, facts.Unexported > 0},
	} {
		if rule.stands {
			found = append(found, rule.obstacle)
		}
	}
	return found
}

// ErasureRefused reports whether the obstacles stand in the way. force passes over those
// that somebody may pass over.
func ErasureRefused(obstacles []ErasureObstacle, force bool) bool {
	for _, obstacle := range obstacles {
		if !force || !obstacle.Forceable() {
			return true
		}
	}
	return false
}
