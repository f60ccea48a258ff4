package telemetry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// maxDepth bounds the walk through nested values; nothing that belongs in a log
// is deeper.
const maxDepth = 16

// redactEncoded lets zap write a structured field into a map and masks what
// arrived there. It is the slow path: our own code logs plain fields.
func redactEncoded(field zapcore.Field) []zapcore.Field {
	encoder := zapcore.NewMapObjectEncoder()
	if !tryEncode(field, encoder) {
		return []zapcore.Field{zap.String(field.Key, "[cannot be shown]")}
	}
	result := make([]zapcore.Field, 0, len(encoder.Fields))
	for _, key := range slices.Sorted(maps.Keys(encoder.Fields)) {
		result = append(result, zap.Any(key, redactValue(key, encoder.Fields[key], 0)))
	}
	return result
}

func tryEncode(field zapcore.Field, encoder zapcore.ObjectEncoder) (ok bool) {
	defer func() { ok = recover() == nil }()
	field.AddTo(encoder)
	return true
}

// redactValue masks a value of the shapes that zap's map encoder and
// encoding/json produce; anything else is first turned into those.
func redactValue(key string, value any, depth int) any {
	if isDenied(key) || depth > maxDepth {
		return masked
	}
	switch value := value.(type) {
	case nil, bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64,
		json.Number, time.Time:
		return value
	case time.Duration:
		return value.String()
	case string:
		return Mask(value)
	case []byte:
		return hiddenBytes(value)
	case error:
		return Mask(safely(value.Error))
	case map[string]any:
		return redactMap(value, depth)
	case []any:
		return redactSlice(key, value, depth)
	default:
		return redactByJSON(key, value, depth)
	}
}

func redactMap(value map[string]any, depth int) map[string]any {
	result := make(map[string]any, len(value))
	for key, member := range value {
		result[Mask(key)] = redactValue(key, member, depth+1)
	}
	return result
}

func redactSlice(key string, value []any, depth int) []any {
	result := make([]any, len(value))
	for i, member := range value {
		result[i] = redactValue(key, member, depth+1)
	}
	return result
}

// redactByJSON turns a struct, or whatever else, into what it would have been
// written as.
func redactByJSON(key string, value any, depth int) any {
	encoded, err := marshal(value)
	if err != nil {
		return "[cannot be shown]"
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	var plain any
	if err := decoder.Decode(&plain); err != nil {
		return "[cannot be shown]"
	}
	return redactValue(key, plain, depth+1)
}

// marshal survives a MarshalJSON that panics.
func marshal(value any) (encoded []byte, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("marshal %T panicked", value)
		}
	}()
	return json.Marshal(value)
}

// hiddenBytes stands for binary values: they are ciphertexts or payloads, and
// encoded they would slip past every pattern.
func hiddenBytes(value []byte) string {
	return fmt.Sprintf("[%d bytes]", len(value))
}
