package connexie

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// maxTrustedLength bounds the memory that is set aside for an announced length
// before anything has come.
const maxTrustedLength = 4 << 20

// errTooLarge is a body beyond the limit.
var errTooLarge = errors.New("too large")

// readBody reads the whole body, decompressed, up to the limit; errTooLarge where
// there is more. Any other error means that the body did not arrive whole.
func readBody(response *http.Response, limit int64) ([]byte, error) {
	if response.ContentLength > limit {
		return nil, errTooLarge
	}
	var body bytes.Buffer
	if response.ContentLength > 0 {
		// ReadFrom wants a little room at the end, or it grows once more.
		body.Grow(int(min(response.ContentLength, maxTrustedLength)) + bytes.MinRead)
	}
	read, err := body.ReadFrom(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return nil, err
	case read > limit:
		return nil, errTooLarge
	}
	return body.Bytes(), nil
}

// drainAndClose reads a short rest, so that the connection can be used again.
func drainAndClose(response *http.Response) {
	_, _ = io.CopyN(io.Discard, response.Body, maxDrain)
	_ = response.Body.Close()
}

// endsEarly reports whether a body that is not JSON may have been cut off in
// transfer without anyone noticing: net/http notices wherever the length or the
// chunks mark the end, but not where the end of the connection is all there is.
func endsEarly(response *http.Response, body []byte) bool {
	marked := response.ContentLength >= 0 || len(response.TransferEncoding) > 0 ||
		response.ProtoMajor > 1 || response.Uncompressed
	if marked {
		return false
	}
	var (
		value  json.RawMessage
		syntax *json.SyntaxError
	)
	err := json.Unmarshal(body, &value)
	return errors.As(err, &syntax) && syntax.Offset >= int64(len(body))
}

func carriesBody(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

// hasMediaType compares the content type without its parameters.
func hasMediaType(header http.Header, want string) bool {
	got, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && got == want
}
