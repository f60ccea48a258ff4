package stack

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Program is a program of the main module that runs as part of the stack.
type Program struct {
	Layout Layout
	// Name is shown, and names its log.
	Name string
	// Package is what is built, such as ./worker; programs of one package are
	// built once.
	Package string
	Args    []string
	// Env is asked for when the parts before are up.
	Env func() []string
	// Ready is tried until it returns nil; nil: the program is ready at once.
	Ready func(ctx context.Context) error
	// Summary is shown when it is ready.
	Summary func() string
}

// Service runs the program until the stack goes down.
func (p Program) Service() Component {
	return Component{Name: p.Name, Start: func(ctx context.Context, say Say) (Running, error) {
		path, err := p.build(ctx, say)
		if err != nil {
			return Running{}, err
		}
		child, err := Launch(Process{
			Path: path, Args: p.Args, Env: p.environment(), Dir: p.Layout.Root, LogFile: p.Layout.Log(p.Name),
		})
		if err != nil {
			return Running{}, err
		}
		if p.Ready != nil {
			err = child.awaitWithin(ctx, p.Ready)
		}
		if err != nil {
			_ = abandon(child.Stop) // the first failure is the one to tell
			return Running{}, err
		}
		return child.running(p.summary()), nil
	}}
}

// Step runs the program to its end and fails when it does.
func (p Program) Step() Component {
	return Component{Name: p.Name, Start: func(ctx context.Context, say Say) (Running, error) {
		path, err := p.build(ctx, say)
		if err != nil {
			return Running{}, err
		}
		cmd := exec.CommandContext(ctx, path, p.Args...)
		cmd.Dir = p.Layout.Root
		cmd.Env = append(os.Environ(), p.environment()...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return Running{}, fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(out)))
		}
		return Running{Summary: p.summary()}, nil
	}}
}

func (p Program) build(ctx context.Context, say Say) (string, error) {
	return p.Layout.Build(ctx, strings.TrimPrefix(p.Package, "./"), p.Package, say)
}

func (p Program) environment() []string {
	if p.Env == nil {
		return nil
	}
	return p.Env()
}

func (p Program) summary() string {
	if p.Summary == nil {
		return ""
	}
	return p.Summary()
}
