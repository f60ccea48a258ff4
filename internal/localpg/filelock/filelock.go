// Package filelock locks between processes with flock. The kernel drops a lock
// when its holder dies, however it dies, so that nothing has to be repaired
// after a crash. Lock files are never deleted: removing one that somebody else
// has just opened would let two processes hold "the same" lock.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"
)

// retry is how often a taken lock is tried again: flock itself can wait, but
// not be cancelled.
const retry = 20 * time.Millisecond

// Lock is a held lock. Two locks of the same file exclude each other within
// one process as well. It is held until Unlock, or until the process ends, also by a
// caller that keeps no reference to it.
type Lock struct{ file *os.File }

// held keeps every lock reachable: the garbage collector closes a file that nobody
// refers to, and with it goes the lock.
var held sync.Map

// Exclusive waits for the lock until ctx ends.
func Exclusive(ctx context.Context, path string) (*Lock, error) {
	return wait(ctx, path, syscall.LOCK_EX)
}

// Shared waits until no one holds the lock exclusively, or ctx ends.
func Shared(ctx context.Context, path string) (*Lock, error) {
	return wait(ctx, path, syscall.LOCK_SH)
}

// TryExclusive returns nil and no error where somebody holds the lock, shared
// or exclusive.
func TryExclusive(path string) (*Lock, error) {
	return try(path, syscall.LOCK_EX)
}

// Unlock gives the lock back. It is safe on nil and when repeated.
func (l *Lock) Unlock() {
	if l != nil {
		held.Delete(l)
		_ = l.file.Close() // closing the only descriptor drops the lock
	}
}

func wait(ctx context.Context, path string, how int) (*Lock, error) {
	for {
		lock, err := try(path, how)
		if lock != nil || err != nil {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for lock %s: %w", path, context.Cause(ctx))
		case <-time.After(retry):
		}
	}
}

func try(path string, how int) (*Lock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if err == nil {
		lock := &Lock{file: file}
		held.Store(lock, nil)
		return lock, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}
