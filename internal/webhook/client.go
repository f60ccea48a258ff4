package webhook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/eitje/connexie-worker/internal/domain"
)

const (
	// defaultTimeout bounds one attempt with its answer; well below a heartbeat.
	defaultTimeout = 10 * time.Second
	// mostRead is how much of an answer is read, so that the connection can be used
	// again. Nothing of it is kept.
	mostRead       = 64 << 10
	maxHeaderBytes = 64 << 10
	secretPrefix   = "whsec_"
	// The lengths of a secret that Standard Webhooks allows, in bytes.
	leastSecret, newSecretBytes, longestSecret = 24, 32, 64
)

// Options are what a client is made of; the zero value will do.
type Options struct {
	Timeout   time.Duration
	UserAgent string
	// Transport carries the calls; where nil a transport of the client's own.
	Transport http.RoundTripper
	// Now is the clock; where nil that of the machine.
	Now func() time.Time
}

// Client sends to webhooks. It is safe for concurrent use and meant to be shared.
type Client struct {
	http      *http.Client
	userAgent string
	now       func() time.Time
}

// New connects to nothing.
func New(options Options) *Client {
	client := &Client{
		http: &http.Client{
			Timeout: cmp.Or(options.Timeout, defaultTimeout), Transport: options.Transport,
			// What is signed for one receiver is for no other.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		userAgent: options.UserAgent, now: options.Now,
	}
	if client.now == nil {
		client.now = time.Now
	}
	if client.http.Transport == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxResponseHeaderBytes = maxHeaderBytes
		client.http.Transport = transport
	}
	return client
}

// Close gives back idle connections. Calls under way are not disturbed.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// NewSecret makes a secret to sign with, in the form that receivers take it.
func NewSecret() string {
	key := make([]byte, newSecretBytes)
	_, _ = rand.Read(key) // it never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(key)
}

// CheckSecret says why something is no secret of a webhook, without repeating it.
func CheckSecret(secret string) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || !strings.HasPrefix(secret, secretPrefix) || len(key) < leastSecret || len(key) > longestSecret {
		return fmt.Errorf("it is not %s with %d to %d bytes in base64 behind it", secretPrefix, leastSecret, longestSecret)
	}
	return nil
}

// Send sends one event. link, which may be empty, is where somebody can look.
func (c *Client) Send(ctx context.Context, target, secret string, event domain.NoticeEvent, link string) domain.Attempt {
	request, err := c.request(ctx, target, secret, event, link)
	if err != nil {
		return domain.Attempt{Result: domain.SendRefused, Problem: "its URL or secret cannot be used"}
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return domain.Attempt{Result: domain.SendLater, Problem: unanswered(err)}
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, mostRead))
	return judge(answer, c.now())
}

func (c *Client) request(
	ctx context.Context, target, secret string, event domain.NoticeEvent, link string,
) (*http.Request, error) {
	signer, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return nil, errors.New("the secret cannot be read")
	}
	body, err := payload(event, link)
	if err != nil {
		return nil, err
	}
	now := c.now()
	signature, err := signer.Sign(event.ID, now, body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", c.userAgent)
	request.Header.Set(standardwebhooks.HeaderWebhookID, event.ID)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, fmt.Sprint(now.Unix()))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return request, nil
}
