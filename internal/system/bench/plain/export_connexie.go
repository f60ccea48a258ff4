package plain

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// partLines is Connexie's longest part, as the worker's.
const partLines = 1000

// line is one line of an import on the wire.
type line struct {
	Reference  string `json:"reference"`
	EmployeeID string `json:"employee_id"`
	ContractID string `json:"contract_id"`
	Date       string `json:"date"`
	Code       string `json:"code"`
	Quantity   string `json:"quantity"`
}

type codeTotal struct {
	Code     string `json:"code"`
	Quantity string `json:"quantity"`
}

// held is what Connexie tells of an import.
type held struct {
	ID        string      `json:"id"`
	Status    string      `json:"status"`
	LineCount int         `json:"line_count"`
	Totals    []codeTotal `json:"totals"`
}

// draft is an import that is being sent.
type draft struct {
	id     string
	part   []line
	parts  int
	lines  int
	totals map[string]int64 // in ten-thousandths
}

// openDraft opens a draft for all kinds of work under a key that nobody has used.
func (c Connexie) openDraft(ctx context.Context, venue, from, to string) (id string, err error) {
	var opened held
	err = c.send(ctx, http.MethodPost, "/hour-imports", map[string]any{
		"venue_id": venue, "period_start": from, "period_end": to, "kinds": []string{"hours", "meals", "allowances"},
	}, &opened, "Idempotency-Key", rand.Text())
	return opened.ID, err
}

// add adds a line, and sends the part when it is full.
func (d *draft) add(ctx context.Context, connexie Connexie, quantity int64, one line) error {
	d.lines++
	d.totals[one.Code] += quantity
	d.part = append(d.part, one)
	if len(d.part) < partLines {
		return nil
	}
	return d.sendPart(ctx, connexie)
}

func (d *draft) sendPart(ctx context.Context, connexie Connexie) error {
	d.parts++
	path := "/hour-imports/" + d.id + "/parts/" + strconv.Itoa(d.parts)
	err := connexie.send(ctx, http.MethodPut, path, map[string]any{"lines": d.part}, nil)
	d.part = d.part[:0]
	return err
}

// commit sends what is left, commits and compares what is read back.
func (d *draft) commit(ctx context.Context, connexie Connexie) error {
	if len(d.part) > 0 {
		if err := d.sendPart(ctx, connexie); err != nil {
			return err
		}
	}
	totals := []codeTotal{}
	for _, code := range slices.Sorted(maps.Keys(d.totals)) {
		totals = append(totals, codeTotal{Code: code, Quantity: decimalText(d.totals[code])})
	}
	body := map[string]any{"line_count": d.lines, "totals": totals}
	if err := connexie.send(ctx, http.MethodPost, "/hour-imports/"+d.id+"/commit", body, nil); err != nil {
		return err
	}
	var now held
	if err := connexie.get(ctx, "/hour-imports/"+d.id, &now); err != nil {
		return err
	}
	return d.compare(now)
}

func (d *draft) compare(now held) error {
	totals := map[string]int64{}
	for _, total := range now.Totals {
		quantity, err := tenThousandths(total.Quantity)
		if err != nil {
			return err
		}
		totals[total.Code] = quantity
	}
	if now.Status != "committed" || now.LineCount != d.lines || !maps.Equal(totals, d.totals) {
		return errors.New("connexie does not hold what was sent")
	}
	return nil
}

// send sends a body and reads the answer into a value, where there is one.
func (c Connexie) send(ctx context.Context, method, path string, body, into any, header ...string) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, c.BaseURL+path, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.Token)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return err
	case answer.StatusCode >= http.StatusMultipleChoices:
		return fmt.Errorf("connexie answers %d", answer.StatusCode)
	case into == nil:
		return nil
	}
	return json.Unmarshal(text, into)
}

// decimalText writes ten-thousandths, tenThousandths reads them.
func decimalText(quantity int64) string {
	return fmt.Sprintf("%d.%04d", quantity/10_000, quantity%10_000)
}

func tenThousandths(text string) (int64, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	return strconv.ParseInt(whole+(fraction + "0000")[:4], 10, 64)
}
