package domain

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// ChannelKind is how an organisation wants to be told of notifications.
type ChannelKind string

// The kinds of channels.
const (
	ChannelWebhook ChannelKind = "webhook"
	ChannelEmail   ChannelKind = "email"
)

// SendResult is what became of sending to a channel.
type SendResult string

// The results. What is sent later or refused was not delivered, as far as anybody
// knows; it may have arrived.
const (
	Delivered SendResult = "delivered"
	// SendLater is a failure that passes by itself: nobody answers, the receiver is
	// busy or broken, or asks to wait.
	SendLater SendResult = "later"
	// SendRefused is a failure that no repetition mends: the receiver refuses this.
	SendRefused SendResult = "refused"
	// SendGone is a receiver that will never take anything again.
	SendGone SendResult = "gone"
)

// Attempt tells what became of sending to a channel. Problem is words of ours, without
// what the receiver said: that may repeat an address (N4).
type Attempt struct {
	Result  SendResult
	Problem string
	// RetryAfter is what the receiver asked to wait; zero where it asked for nothing.
	RetryAfter time.Duration
}

// ChannelStanding is how a channel fares. The zero value is one that is well.
type ChannelStanding struct {
	// Failures and Refusals count in a row.
	Failures, Refusals int
	FailingSince       time.Time
	Problem            string
	// RetryAt is when it is tried again; StoppedAt when that was given up, until
	// somebody tests the channel or sets it anew.
	RetryAt, StoppedAt time.Time
}

const (
	firstRetry        = time.Minute
	longestEventWait  = 6 * time.Hour
	longestChannelTry = 15 * time.Minute
	// longestAsked bounds what a receiver may ask us to wait.
	longestAsked = 24 * time.Hour
	// refusalsUntilStopped is when a receiver that refuses one event after the other is
	// taken to refuse them all.
	refusalsUntilStopped = 10
)

// After is how the channel fares once something was tried. A failure that passes holds
// up the whole channel for a while, since whoever does not answer to one event does not
// answer to the next; a refused event holds up none (N6, N1).
func (c ChannelStanding) After(tried Attempt, now time.Time) ChannelStanding {
	if tried.Result == Delivered {
		return ChannelStanding{}
	}
	c.Failures++
	c.Problem = tried.Problem
	if c.FailingSince.IsZero() {
		c.FailingSince = now
	}
	switch tried.Result {
	case SendRefused:
		c.Refusals++
	case SendGone:
		c.Refusals = refusalsUntilStopped
	default:
		c.RetryAt = now.Add(max(doubled(c.Failures, longestChannelTry), min(tried.RetryAfter, longestAsked)))
	}
	if c.Refusals >= refusalsUntilStopped {
		c.StoppedAt = now
	}
	return c
}

// RetryEventAt is when an event that could not be delivered is tried again, after so
// many attempts. It waits longer than its channel, so that others go first: one event
// that a receiver cannot bear holds up no other.
func RetryEventAt(attempts int, tried Attempt, now time.Time) time.Time {
	return now.Add(max(doubled(attempts, longestEventWait), min(tried.RetryAfter, longestAsked)))
}

// doubled is the first wait after one attempt, twice that after two, and so on.
func doubled(attempts int, longest time.Duration) time.Duration {
	wait := firstRetry
	for range attempts - 1 {
		if wait *= 2; wait >= longest {
			return longest
		}
	}
	return wait
}

// CheckTarget says why a target cannot be that of a channel; nil where it can. The
// error repeats nothing of it.
func CheckTarget(kind ChannelKind, target string) error {
	switch kind {
	case ChannelWebhook:
		return checkWebhook(target)
	case ChannelEmail:
		if CheckEmail(target) != EmailValid || strings.TrimSpace(target) != target {
			return errors.New("it is not one bare e-mail address, without a name or brackets")
		}
		return nil
	}
	return errors.New("a channel is a webhook or an e-mail address")
}

const longestURL = 2000

func checkWebhook(target string) error {
	parsed, err := url.Parse(target)
	switch {
	case err != nil || parsed.Hostname() == "" || parsed.Opaque != "" || len(target) > longestURL || strings.ContainsFunc(target, isInvisible):
		return errors.New("it is not a URL, such as https://example.com/hooks/connexie")
	case parsed.User != nil:
		return errors.New("a webhook's URL holds no user or password; what is sent is signed instead")
	case parsed.Fragment != "":
		return errors.New("a webhook's URL has no # part")
	case parsed.Scheme == "https", parsed.Scheme == "http" && IsLoopback(parsed.Hostname()):
		return nil
	}
	return errors.New("a webhook's URL begins with https://; http:// is for this machine alone")
}

// IsLoopback reports whether a host is the machine itself.
func IsLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && address.IsLoopback())
}

// ShownTarget is as much of a target as may be shown: of a URL the host, since its path
// is often a secret (N3).
func ShownTarget(kind ChannelKind, target string) string {
	if kind != ChannelWebhook {
		return target
	}
	parsed, err := url.Parse(target)
	if err != nil || parsed.Host == "" {
		return ""
	}
	shown := parsed.Scheme + "://" + parsed.Host + "/"
	if len(strings.Trim(parsed.Path, "/")) > 0 || parsed.RawQuery != "" {
		shown += "…"
	}
	return shown
}
