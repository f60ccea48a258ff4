package main

import (
	"context"
	"errors"
	"io"

	"github.com/eitje/connexie-worker/internal/system/stack"
)

// programs are the parts built from the main module, in order: the database and
// its migrations (starter migrate, a stack.Program's Step), the sandbox (starter
// sandbox) and the worker (its Service). They come with those programs.
func (e *environment) programs() []stack.Component {
	return nil
}

// demonstrate runs the demonstration on the stack that is up.
func (e *environment) demonstrate(context.Context, io.Writer) error {
	return errors.New("there is no demonstration yet")
}
