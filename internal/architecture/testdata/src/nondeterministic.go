// Package nondeterministic does what workflow code must not, for a test.
package nondeterministic

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

func wrong(workflow.Context) {
	_ = time.Now()
	_, _ = time.LoadLocation("Europe/Amsterdam")
	go wrong(nil)
	select {}
}
