package testkit

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Logger writes into the test's output and fails the test on every error that is
// logged, but for those whose message contains one of the texts expected. What is
// logged after the test has ended goes nowhere.
func Logger(t testing.TB, expected ...string) *zap.Logger {
	t.Helper()
	encoder := zapcore.NewConsoleEncoder(zapcore.EncoderConfig{
		MessageKey: "message", LevelKey: "level", NameKey: "name",
		EncodeLevel: zapcore.CapitalLevelEncoder, EncodeDuration: zapcore.StringDurationEncoder,
		EncodeTime: zapcore.ISO8601TimeEncoder,
	})
	output := &testOutput{t: t}
	t.Cleanup(output.end)
	core := zapcore.NewCore(encoder, output, zapcore.DebugLevel)
	return zap.New(core, zap.Hooks(func(entry zapcore.Entry) error {
		wanted := slices.ContainsFunc(expected, func(text string) bool { return strings.Contains(entry.Message, text) })
		if entry.Level >= zapcore.ErrorLevel && !wanted {
			output.fail(entry.Message)
		}
		return nil
	}))
}

// testOutput is a test's log. A goroutine that outlives its test must not write to
// it, which would panic.
type testOutput struct {
	mutex sync.Mutex
	t     testing.TB
	ended bool
}

// Write logs one line.
func (o *testOutput) Write(line []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if !o.ended {
		o.t.Log(strings.TrimSuffix(string(line), "\n"))
	}
	return len(line), nil
}

// Sync has nothing to do.
func (o *testOutput) Sync() error { return nil }

func (o *testOutput) fail(message string) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if !o.ended {
		o.t.Errorf("an error was logged that nobody expected: %s", message)
	}
}

func (o *testOutput) end() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.ended = true
}
