package contract

import (
	"bytes"
	"io"
	"net/http"
	"testing"
)

// Transport checks both sides of every exchange that passes through next
// (http.DefaultTransport if nil) and fails the test with each difference. A
// response whose body breaks off is passed on unchecked: that is the network's
// doing, not the contract's.
func Transport(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	contract, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return contract.RoundTripper(next, func(err error) { t.Errorf("against the contract: %v", err) })
}

// ResponsesOnly is Transport for tests that send wrong requests on purpose.
func ResponsesOnly(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	contract, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	tripper := contract.RoundTripper(next, func(err error) { t.Errorf("against the contract: %v", err) })
	tripper.skipRequests = true
	return tripper
}

// RoundTripper checks every exchange and reports each difference; report may be
// called from several goroutines at once.
func (c *Contract) RoundTripper(next http.RoundTripper, report func(error)) *RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return &RoundTripper{contract: c, next: next, report: report}
}

// RoundTripper is made by Contract.RoundTripper.
type RoundTripper struct {
	contract     *Contract
	next         http.RoundTripper
	report       func(error)
	skipRequests bool
}

var _ http.RoundTripper = (*RoundTripper)(nil)

// RoundTrip passes the request on unchanged and hands the response back as it
// came, an error while reading its body included.
func (r *RoundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	sent := request.Clone(request.Context())
	body, err := readAll(request.Body)
	if err != nil {
		return nil, err
	}
	if request.Body != nil {
		sent.Body = io.NopCloser(bytes.NewReader(body))
	}
	if !r.skipRequests {
		r.tell(r.contract.CheckRequest(request, body))
	}
	response, err := r.next.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	received, broken := readAll(response.Body)
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(received), failing{broken}))
	if broken == nil {
		r.tell(r.contract.CheckResponse(Exchange{
			Request: request, RequestBody: body,
			Status: response.StatusCode, Header: response.Header, ResponseBody: received,
		}))
	}
	return response, nil
}

func (r *RoundTripper) tell(err error) {
	if err != nil {
		r.report(err)
	}
}

// failing gives back the error that ended the real body.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

func readAll(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	data, err := io.ReadAll(body)
	if closing := body.Close(); err == nil {
		err = closing
	}
	return data, err
}
