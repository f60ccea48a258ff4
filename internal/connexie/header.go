package connexie

import (
	"net/http"
	"strings"
)

const maxETag = 256

// knownRequestID is Connexie's id of the exchange, or nothing where the header
// holds something that does not belong in an error (N4).
func knownRequestID(header http.Header) string {
	id := header.Get("X-Request-Id")
	if len(id) > maxPlain || !isPlain(id, "-_.:") {
		return ""
	}
	return id
}

// knownETag is the validator, or nothing where it is malformed: without one the
// list is read in full, which is always right.
func knownETag(etag string) string {
	if len(etag) > maxETag || !validETag(etag) {
		return ""
	}
	return etag
}

func validETag(etag string) bool {
	opaque, ok := strings.CutPrefix(strings.TrimPrefix(etag, "W/"), `"`)
	if !ok {
		return false
	}
	opaque, ok = strings.CutSuffix(opaque, `"`)
	return ok && !strings.ContainsFunc(opaque, func(r rune) bool { return r < '!' || r == '"' || r > '~' })
}
