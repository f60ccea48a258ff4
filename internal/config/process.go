package config

import "fmt"

// Worker is the configuration of the worker process.
type Worker struct {
	Database
	Connexie
	Keys
	Capacity
	SMTP
	Retention
	Metrics
	Log
	UI
	Temporal
}

// crossProblems compares parts. Every activity slot may hold a connection; with
// fewer connections than slots, activities would time out waiting for one.
func (w Worker) crossProblems() []Problem {
	slots := w.DatabaseSlots + w.ConnexieSlots
	available := w.MaxConnections - reservedConnections
	if slots <= available {
		return nil
	}
	return []Problem{{
		Variable: "DATABASE_MAX_CONNECTIONS",
		What: fmt.Sprintf("is too low: WORKER_DATABASE_SLOTS and WORKER_CONNEXIE_SLOTS are %d together and %d connections stay in reserve; "+
			"raise it to %d or lower the slots", slots, reservedConnections, slots+reservedConnections),
		Example: fmt.Sprint(slots + reservedConnections),
	}}
}

// Starter is the configuration of the starter. Which parts are filled depends on
// the subcommand, see [LoadStarter].
type Starter struct {
	Database
	Connexie
	Keys
	HTTP
	API
	Log
	UI
	Temporal
}

// Part names a part that a subcommand of the starter needs.
type Part string

// The parts of [Starter] that not every subcommand needs. Log and UI are
// always read.
const (
	PartDatabase Part = "Database"
	PartConnexie Part = "Connexie"
	PartKeys     Part = "Keys"
	PartHTTP     Part = "HTTP"
	PartAPI      Part = "API"
	PartTemporal Part = "Temporal"

	partLog Part = "Log"
	partUI  Part = "UI"
)

// LoadWorker reads everything that the worker needs. The error is an
// [*InvalidError].
func LoadWorker(checks ...Check) (Worker, error) {
	var worker Worker
	err := Load(&worker, checks...)
	return worker, err
}

// LoadStarter reads the parts Log and UI and the parts named; the others stay zero and
// their variables are not looked at, so that a command which needs no database
// runs without a word about it. The error is an [*InvalidError].
func LoadStarter(needs []Part, checks ...Check) (Starter, error) {
	var starter Starter
	wanted := map[Part]bool{partLog: true, partUI: true}
	for _, part := range needs {
		wanted[part] = true
	}
	err := load(&starter, func(part Part) bool { return wanted[part] }, checks)
	return starter, err
}
