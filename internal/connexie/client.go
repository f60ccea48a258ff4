package connexie

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"time"
)

const (
	defaultTimeout           = 15 * time.Second
	defaultRequestsPerSecond = 10
	defaultUserAgent         = "eitje-connexie-worker"

	// maxRequestsPerSecond is where a rate stops being one.
	maxRequestsPerSecond = 1e6

	// idlePerHost keeps the connections of concurrent calls open between calls;
	// net/http's default of two would open a new one for nearly each.
	idlePerHost = 32

	// maxHeaderBytes bounds the header of an answer.
	maxHeaderBytes = 64 << 10
)

// Options are the settings of a Client. Only BaseURL is needed.
type Options struct {
	// BaseURL is where the API lives, its version included:
	// https://api.connexie.example/v1.
	BaseURL string
	// RequestsPerSecond bounds the calls of each token; 10 where zero. A second's
	// worth may go out at once.
	RequestsPerSecond float64
	// Timeout bounds one call from connecting to the last byte of the body, the
	// wait for its turn not counted; 15 s where zero.
	Timeout time.Duration
	// UserAgent tells Connexie who calls.
	UserAgent string
	// Transport carries the calls, for a proxy, tracing or a test; where nil a
	// transport of the client's own.
	Transport http.RoundTripper
}

// Client calls one Connexie service. It is safe for concurrent use and meant to be
// shared: connections and rate limits live in it.
type Client struct {
	base      *url.URL
	http      *http.Client
	timeout   time.Duration
	userAgent string
	paces     *paces
}

// New checks the options, names every problem at once and connects to nothing.
func New(options Options) (*Client, error) {
	base, err := parseBaseURL(options.BaseURL)
	var problems []error
	if err != nil {
		problems = append(problems, err)
	}
	if rps := options.RequestsPerSecond; math.IsNaN(rps) || rps < 0 || rps > maxRequestsPerSecond {
		problems = append(problems, fmt.Errorf("requests per second: must lie above 0 and at most %d", int(maxRequestsPerSecond)))
	}
	if options.Timeout < 0 {
		problems = append(problems, errors.New("timeout: must not be negative"))
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("make the Connexie client: %w", errors.Join(problems...))
	}
	return &Client{
		base: base,
		http: &http.Client{
			Transport: transportOf(options),
			// A redirect would carry the token to wherever it points (N3). The
			// answer itself comes back and is judged as one that breaks the contract.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		timeout:   cmp.Or(options.Timeout, defaultTimeout),
		userAgent: cmp.Or(options.UserAgent, defaultUserAgent),
		paces:     newPaces(cmp.Or(options.RequestsPerSecond, defaultRequestsPerSecond), maxPaces),
	}, nil
}

// Close gives back idle connections. Calls under way are not disturbed.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// For binds the client to the token of one connection. Accounts with equal tokens
// share one rate limit.
func (c *Client) For(token Token) *Account {
	return &Account{client: c, token: token, key: keyOf(token)}
}

// Account is Connexie as one token sees it. It is safe for concurrent use.
type Account struct {
	client *Client
	token  Token
	key    tokenKey
}

// parseBaseURL does not repeat the text in its errors: a password may stand in it.
func parseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("base URL: not a URL")
	case base.Scheme != "http" && base.Scheme != "https", base.Host == "":
		return nil, errors.New("base URL: must begin with https:// or http:// and a host")
	case base.User != nil:
		return nil, errors.New("base URL: must not hold a user or password")
	case base.RawQuery != "", base.Fragment != "":
		return nil, errors.New("base URL: must not hold a query or fragment")
	}
	return base, nil
}

func transportOf(options Options) http.RoundTripper {
	if options.Transport != nil {
		return options.Transport
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = idlePerHost
	transport.MaxResponseHeaderBytes = maxHeaderBytes
	return transport
}
