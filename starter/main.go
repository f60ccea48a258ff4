// Command starter is the client side of the synchronisation between Connexie and
// Eitje: what an operator does by hand. It is configured by the environment;
// starter -h prints every command and variable.
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 done with problems, 4 refused or
// held, 130 interrupted.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, newTerminal(os.Stdin, os.Stdout, os.Stderr), os.Args[1:])
	stop()
	os.Exit(code)
}
