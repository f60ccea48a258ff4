package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// PatchEmployee merges a JSON object into a person: objects member by member,
// everything else replaced. null is written as null, for the contract tells
// null from absent; members named in absent ("phone", "employment.end_date")
// are taken out. What comes of it must be what the contract describes.
func (s *Sandbox) PatchEmployee(accountID, id string, patch json.RawMessage, absent ...string) (Employee, error) {
	return s.UpdateEmployee(accountID, id, func(employee *Employee) error {
		return patchValue(employee, patch, absent...)
	})
}

// PatchContract merges a JSON object into one contract of a person.
func (s *Sandbox) PatchContract(accountID, id, contractID string, patch json.RawMessage, absent ...string) (Employee, error) {
	return s.UpdateEmployee(accountID, id, func(employee *Employee) error {
		i := slices.IndexFunc(employee.Contracts, func(c Contract) bool { return c.ID == contractID })
		if i < 0 {
			return fmt.Errorf("contract %s: %w", contractID, ErrUnknown)
		}
		return patchValue(&employee.Contracts[i], patch, absent...)
	})
}

// patchValue replaces *target by itself merged with the patch.
func patchValue[T any](target *T, patch json.RawMessage, absent ...string) error {
	current, err := json.Marshal(target)
	if err != nil {
		return err
	}
	var members, changes map[string]any
	if err := decodeExactly(current, &members); err != nil {
		return err
	}
	if err := decodeExactly(patch, &changes); err != nil || changes == nil {
		return fmt.Errorf("patch: %w: not one JSON object", ErrInvalid)
	}
	merge(members, changes)
	merged, err := json.Marshal(members)
	if err != nil {
		return err
	}
	for _, path := range absent {
		removed, ok := setMember(merged, path, nil)
		if !ok {
			return fmt.Errorf("absent %s: %w", path, ErrUnknown)
		}
		merged = removed
	}
	var result T
	if err := decodeExactly(merged, &result); err != nil {
		return fmt.Errorf("patch: %w: %w", ErrInvalid, err)
	}
	*target = result
	return nil
}

func merge(target, changes map[string]any) {
	for name, change := range changes {
		below, isObject := change.(map[string]any)
		present, wasObject := target[name].(map[string]any)
		if isObject && wasObject {
			merge(present, below)
			continue
		}
		target[name] = change
	}
}

// decodeExactly takes one JSON value without unknown members and nothing behind it.
func decodeExactly(data []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return fmt.Errorf("something follows the JSON value")
	}
	return nil
}

// setMember sets a member deep in a JSON value, "contracts.0.start_date", or
// takes it out where value is nil. ok is false where the path leads nowhere.
func setMember(raw []byte, path string, value json.RawMessage) (changed []byte, ok bool) {
	var root any
	if json.Unmarshal(raw, &root) != nil {
		return nil, false
	}
	steps := strings.Split(path, ".")
	parent := root
	for _, step := range steps[:len(steps)-1] {
		if parent, ok = child(parent, step); !ok {
			return nil, false
		}
	}
	last := steps[len(steps)-1]
	switch holder := parent.(type) {
	case map[string]any:
		if _, there := holder[last]; !there && value == nil {
			return nil, false
		}
		holder[last] = value
		if value == nil {
			delete(holder, last)
		}
	case []any:
		i, err := strconv.Atoi(last)
		if err != nil || i < 0 || i >= len(holder) || value == nil {
			return nil, false
		}
		holder[i] = value
	default:
		return nil, false
	}
	changed, err := json.Marshal(root)
	return changed, err == nil
}

func child(parent any, step string) (any, bool) {
	switch holder := parent.(type) {
	case map[string]any:
		below, ok := holder[step]
		return below, ok
	case []any:
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(holder) {
			return nil, false
		}
		return holder[i], true
	default:
		return nil, false
	}
}
