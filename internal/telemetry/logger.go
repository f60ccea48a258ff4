package telemetry

import (
	"fmt"
	"io"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// NewLogger returns a logger that writes to out, one line per entry, safe for
// concurrent use. Level is debug, info, warn or error; format is json (for
// machines) or console (for people). The logger masks what must not be logged
// (N3, N4).
//
// Call Sync on it before the process ends; its error is of no use on a terminal.
func NewLogger(level, format string, out io.Writer) (*zap.Logger, error) {
	atLeast, err := parseLevel(level)
	if err != nil {
		return nil, err
	}
	encoder, err := newEncoder(format)
	if err != nil {
		return nil, err
	}
	sink := zapcore.Lock(zapcore.AddSync(out))
	return zap.New(
		Redact(zapcore.NewCore(encoder, sink, atLeast)),
		zap.AddCaller(),
		zap.ErrorOutput(sink),
	), nil
}

// parseLevel takes the four levels that this project uses: zap's dpanic, panic
// and fatal would silence errors.
func parseLevel(level string) (zapcore.Level, error) {
	switch level {
	case "debug":
		return zapcore.DebugLevel, nil
	case "info":
		return zapcore.InfoLevel, nil
	case "warn":
		return zapcore.WarnLevel, nil
	case "error":
		return zapcore.ErrorLevel, nil
	default:
		return 0, fmt.Errorf("log level %q is unknown: use debug, info, warn or error", level)
	}
}

func newEncoder(format string) (zapcore.Encoder, error) {
	keys := zapcore.EncoderConfig{
		TimeKey:        "time",
		LevelKey:       "level",
		NameKey:        "logger",
		CallerKey:      "caller",
		MessageKey:     "message",
		StacktraceKey:  "stack",
		EncodeLevel:    zapcore.LowercaseLevelEncoder,
		EncodeTime:     utcTime,
		EncodeDuration: zapcore.StringDurationEncoder,
		EncodeCaller:   zapcore.ShortCallerEncoder,
	}
	switch format {
	case "json":
		return zapcore.NewJSONEncoder(keys), nil
	case "console":
		keys.EncodeTime = zapcore.TimeEncoderOfLayout(time.TimeOnly)
		keys.EncodeLevel = zapcore.CapitalLevelEncoder
		keys.ConsoleSeparator = "  "
		return zapcore.NewConsoleEncoder(keys), nil
	default:
		return nil, fmt.Errorf("log format %q is unknown: use json or console", format)
	}
}

// utcTime writes instants in UTC, so that lines of several machines sort.
func utcTime(t time.Time, encoder zapcore.PrimitiveArrayEncoder) {
	zapcore.RFC3339NanoTimeEncoder(t.UTC(), encoder)
}
