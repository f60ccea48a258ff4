package main

import (
	"github.com/eitje/connexie-worker/internal/system/stack"
)

// programs are the parts built from the main module, in order: the database and
// its migrations (starter migrate, a step that ends), the sandbox (starter
// sandbox) and the worker. They come with those programs; each is one
// stack.Program.
func (e *environment) programs() []stack.Component {
	return nil
}
