package sandbox

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
)

const maximumBody = 1 << 20

func readBody(r *http.Request) ([]byte, *problem) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maximumBody+1))
	if err != nil || len(data) > maximumBody {
		return nil, invalid("body", "longer than 1 MiB or not read to its end")
	}
	return data, nil
}

// decodeBody takes a JSON body whose members have the types of target's. Members
// that target does not know are ignored, as the contract asks of readers.
func (c *call) decodeBody(target any) *problem {
	media, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return invalid("Content-Type", "not application/json")
	}
	if c.unread != nil {
		return c.unread
	}
	if err := json.Unmarshal(c.body, target); err != nil {
		return invalid("body", "not the JSON object that the contract describes")
	}
	return nil
}
