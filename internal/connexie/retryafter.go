package connexie

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds what one header can do: an hour is longer than any rate
// window, and a mistyped year must not park a connection.
const maxRetryAfter = time.Hour

// retryAfter reads the header in either of its forms, seconds or an HTTP date. It
// is zero where the header is absent, past or not understood.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if isDigits(text) {
		seconds, err := strconv.ParseUint(text, 10, 32)
		if err != nil || seconds > uint64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
