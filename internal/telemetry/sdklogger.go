package telemetry

import (
	"fmt"

	"go.temporal.io/sdk/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

var (
	_ log.Logger          = (*SDKLogger)(nil)
	_ log.WithLogger      = (*SDKLogger)(nil)
	_ log.WithSkipCallers = (*SDKLogger)(nil)
)

// SDKLogger lets the Temporal SDK, and workflow and activity code through it,
// write to a zap logger. It is immutable and safe for concurrent use.
type SDKLogger struct {
	logger *zap.Logger
}

// NewSDKLogger adapts logger, which should come from [NewLogger]: error texts of
// others arrive here, and masking them is that logger's work.
func NewSDKLogger(logger *zap.Logger) *SDKLogger {
	const ownFrames = 2 // Debug, Info, Warn or Error, and write
	return &SDKLogger{logger: logger.WithOptions(zap.AddCallerSkip(ownFrames))}
}

// Debug writes an entry; keyvals are pairs of a string key and any value.
func (l *SDKLogger) Debug(msg string, keyvals ...any) { l.write(zapcore.DebugLevel, msg, keyvals) }

// Info writes an entry; keyvals as in Debug.
func (l *SDKLogger) Info(msg string, keyvals ...any) { l.write(zapcore.InfoLevel, msg, keyvals) }

// Warn writes an entry; keyvals as in Debug.
func (l *SDKLogger) Warn(msg string, keyvals ...any) { l.write(zapcore.WarnLevel, msg, keyvals) }

// Error writes an entry; keyvals as in Debug.
func (l *SDKLogger) Error(msg string, keyvals ...any) { l.write(zapcore.ErrorLevel, msg, keyvals) }

// With returns a logger that adds keyvals to every entry.
func (l *SDKLogger) With(keyvals ...any) log.Logger {
	return &SDKLogger{logger: l.logger.With(fields(keyvals)...)}
}

// WithCallerSkip returns a logger that names the caller so many frames further
// up.
func (l *SDKLogger) WithCallerSkip(frames int) log.Logger {
	return &SDKLogger{logger: l.logger.WithOptions(zap.AddCallerSkip(frames))}
}

// write converts keyvals only where the level is on: the SDK logs a lot at debug.
func (l *SDKLogger) write(level zapcore.Level, msg string, keyvals []any) {
	if entry := l.logger.Check(level, msg); entry != nil {
		entry.Write(fields(keyvals)...)
	}
}

// fields never drops anything: a key that is not a string is printed as one, a
// value without a key is kept under its own.
func fields(keyvals []any) []zap.Field {
	result := make([]zap.Field, 0, (len(keyvals)+1)/2)
	for len(keyvals) > 1 {
		key, isString := keyvals[0].(string)
		if !isString {
			key = fmt.Sprint(keyvals[0])
		}
		result = append(result, zap.Any(key, keyvals[1]))
		keyvals = keyvals[2:]
	}
	if len(keyvals) == 1 {
		result = append(result, zap.Any("value_without_key", keyvals[0]))
	}
	return result
}
