package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// judge tells what an answer means. 408, 429 and 5xx pass by themselves; no other 4xx
// does, and 410 says that nothing will ever be taken again (N6).
func judge(answer *http.Response, now time.Time) domain.Attempt {
	status := answer.StatusCode
	problem := fmt.Sprintf("it answered %d", status)
	switch {
	case status >= 200 && status < 300:
		return domain.Attempt{Result: domain.Delivered}
	case status == http.StatusGone:
		return domain.Attempt{Result: domain.SendGone, Problem: problem}
	case status >= 300 && status < 400:
		return domain.Attempt{Result: domain.SendRefused, Problem: problem + ", and redirects are not followed"}
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status >= 500:
		return domain.Attempt{Result: domain.SendLater, Problem: problem, RetryAfter: retryAfter(answer.Header, now)}
	}
	return domain.Attempt{Result: domain.SendRefused, Problem: problem}
}

// retryAfter reads the header in either of its forms, seconds or an HTTP date. It is
// zero where the header is absent, past or not understood.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0)
}

// unanswered says in words of ours why there was no answer: those of net/http repeat
// the URL.
func unanswered(err error) string {
	var (
		name        *net.DNSError
		authority   x509.UnknownAuthorityError
		hostname    x509.HostnameError
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return "it did not answer in time"
	case errors.As(err, &name):
		return "its host has no address"
	case errors.As(err, &authority), errors.As(err, &hostname), errors.As(err, &certificate):
		return "its certificate is not trusted"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "it does not speak TLS"
	}
	return "nobody answers there"
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}
