package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"
)

// record is one member of a list, encoded once when it is written and never
// changed after: a list of 100,000 people is read by copying bytes.
type record struct {
	key        string
	modifiedAt time.Time
	endsAfter  Date // last day of an employment that is still active, "" if none
	raw        []byte
}

// digest stands for the content of a list. It is a sum, so that one record can
// be taken out and another put in without reading the rest, and it depends on
// content alone: a sandbox that is started again gives the same ETag for the
// same list and another one for another list.
type digest [2]uint64

func (d *digest) add(r *record) {
	sum := sha256.Sum256(r.raw)
	d[0] += binary.BigEndian.Uint64(sum[:8])
	d[1] += binary.BigEndian.Uint64(sum[8:16])
}

func (d *digest) subtract(r *record) {
	sum := sha256.Sum256(r.raw)
	d[0] -= binary.BigEndian.Uint64(sum[:8])
	d[1] -= binary.BigEndian.Uint64(sum[8:16])
}

// collection is a list ordered by key. The account that owns it locks it.
type collection struct {
	records []*record
	content digest
}

func (c *collection) find(key string) (int, bool) {
	if last := len(c.records) - 1; last >= 0 && c.records[last].key < key {
		return last + 1, false // loading in order appends
	}
	return slices.BinarySearchFunc(c.records, key, func(r *record, key string) int {
		return cmp.Compare(r.key, key)
	})
}

func (c *collection) get(key string) (*record, bool) {
	i, found := c.find(key)
	if !found {
		return nil, false
	}
	return c.records[i], true
}

func (c *collection) put(r *record) {
	i, found := c.find(r.key)
	if found {
		c.content.subtract(c.records[i])
		c.records[i] = r
	} else {
		c.records = slices.Insert(c.records, i, r)
	}
	c.content.add(r)
}

func (c *collection) remove(key string) bool {
	i, found := c.find(key)
	if !found {
		return false
	}
	c.content.subtract(c.records[i])
	c.records = slices.Delete(c.records, i, i+1)
	return true
}

// page returns at most limit records after the key that were modified at or
// after since, and whether there are more. It begins by bisection and never
// sorts, so that reading a whole list costs one walk over it.
func (c *collection) page(after string, limit int, since time.Time) (items []*record, more bool) {
	begin := 0
	if after != "" {
		i, found := c.find(after)
		if begin = i; found {
			begin++
		}
	}
	for _, r := range c.records[begin:] {
		if r.modifiedAt.Before(since) {
			continue
		}
		if len(items) == limit {
			return items, true
		}
		items = append(items, r)
	}
	return items, false
}

// snapshot shares the records, which never change, and copies the order.
func (c *collection) snapshot() collection {
	return collection{records: slices.Clone(c.records), content: c.content}
}
