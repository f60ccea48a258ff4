package telemetry

import (
	"fmt"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Redact wraps core so that nothing is written before it was masked: fields with
// a denied key lose their value, and texts in messages, strings, errors and
// nested values pass through [Mask]. It is the second line of defence of N3 and
// N4; the first is not to log such things.
//
// Fields of plain numbers, times and booleans cost one look at their key.
func Redact(core zapcore.Core) zapcore.Core {
	return &redactingCore{Core: core}
}

type redactingCore struct {
	zapcore.Core
}

func (c *redactingCore) With(fields []zapcore.Field) zapcore.Core {
	return &redactingCore{Core: c.Core.With(redactFields(fields))}
}

// Check adds this core, not the wrapped one, so that Write below is called.
func (c *redactingCore) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(entry.Level) {
		return checked.AddCore(entry, c)
	}
	return checked
}

func (c *redactingCore) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	entry.Message = Mask(entry.Message)
	return c.Core.Write(entry, redactFields(fields))
}

// redactFields leaves its argument alone: it belongs to the caller.
func redactFields(fields []zapcore.Field) []zapcore.Field {
	result := make([]zapcore.Field, 0, len(fields))
	for _, field := range fields {
		result = append(result, redactField(field)...)
	}
	return result
}

// redactField returns a slice because an inlined object becomes several fields.
func redactField(field zapcore.Field) []zapcore.Field {
	switch field.Type {
	case zapcore.SkipType, zapcore.NamespaceType:
		return []zapcore.Field{field}
	case zapcore.InlineMarshalerType:
		return redactEncoded(field)
	}
	if isDenied(field.Key) {
		return []zapcore.Field{zap.String(field.Key, masked)}
	}
	switch field.Type {
	case zapcore.StringType:
		if !trustedKeys[field.Key] {
			field.String = Mask(field.String)
		}
		return []zapcore.Field{field}
	case zapcore.ByteStringType:
		return []zapcore.Field{zap.String(field.Key, Mask(string(field.Interface.([]byte))))}
	case zapcore.BinaryType:
		return []zapcore.Field{zap.String(field.Key, hiddenBytes(field.Interface.([]byte)))}
	case zapcore.StringerType:
		return []zapcore.Field{zap.String(field.Key, Mask(safely(func() string { return field.Interface.(fmt.Stringer).String() })))}
	case zapcore.ErrorType:
		// As a string: zap would add a verbose form and a list of causes.
		return []zapcore.Field{zap.String(field.Key, Mask(safely(func() string { return field.Interface.(error).Error() })))}
	case zapcore.ReflectType, zapcore.ObjectMarshalerType, zapcore.ArrayMarshalerType:
		return redactEncoded(field)
	default:
		return []zapcore.Field{field} // a number, a time, a boolean
	}
}

// safely calls a method of a value that may be a nil pointer: logging an error
// must not end the process.
func safely(text func() string) (result string) {
	defer func() {
		if recover() != nil {
			result = "[cannot be shown]"
		}
	}()
	return text()
}
