package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// erasures looks whether everyone who was erased can still be recognised: without the key
// nobody of the connection is read any more, rather than that somebody comes back (N5).
func (d *doctor) erasures(ctx context.Context) {
	if d.store == nil || d.keys == nil {
		return
	}
	keys, err := d.store.ErasureKeys(ctx)
	if err != nil || len(keys) == 0 {
		return // the schema has been reported; or nobody has been erased
	}
	if found := judgeErasures(keys, d.keys.KeyIDs()); found.status != CheckOK {
		d.note(found.status, "erasures", found.next, "%s", found.detail)
		return
	}
	d.ok("erasures", "every key that recognises erased people is in the ring")
}

// judgeErasures compares the keys that erasures were made with with those of the ring.
func judgeErasures(keys map[string]int, ring []string) finding {
	var missing []string
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(ring, id) {
			missing = append(missing, fmt.Sprintf("%s (%d erasures)", id, keys[id]))
		}
	}
	if len(missing) == 0 {
		return finding{status: CheckOK}
	}
	return finding{CheckFailed, "ENCRYPTION_KEYS lacks what recognises erased people: " + strings.Join(missing, ", "),
		"Add it to the end of ENCRYPTION_KEYS again: until then the people of these connections are not read."}
}
