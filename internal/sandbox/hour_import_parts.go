package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"
)

const (
	maximumParts     = 1000
	maximumPartLines = 1000
	maximumReference = 64
	maximumCode      = 16
)

func (c *call) putHourImportPart() (*answer, error) {
	number, err := strconv.Atoi(c.part)
	if err != nil || number < 1 || number > maximumParts || strconv.Itoa(number) != c.part {
		return nil, invalid("part", "not a whole number from 1 to 1000")
	}
	lines, wrong := c.readLines()
	if wrong != nil {
		return nil, wrong
	}
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	draft, ok := a.imports.imports[c.id]
	if !ok {
		return nil, c.noSuchImport()
	}
	if status := a.imports.status(draft); status != ImportDraft {
		return nil, importState(status)
	}
	part, wrong := newLinePart(lines, draft.body)
	if wrong != nil {
		return nil, wrong
	}
	draft.parts[number] = part
	return answerNothing(), nil
}

// sentLine is a line as it was sent, whatever the types of its members.
type sentLine struct {
	Reference  sentText `json:"reference"`
	EmployeeID sentText `json:"employee_id"`
	ContractID sentText `json:"contract_id"`
	Date       sentText `json:"date"`
	Code       sentText `json:"code"`
	Quantity   sentText `json:"quantity"`
}

// UnmarshalJSON takes anything: what is no object stays empty and is named with
// the other bad lines.
func (s *sentLine) UnmarshalJSON(data []byte) error {
	type members sentLine
	var sent members
	_ = json.Unmarshal(data, &sent)
	*s = sentLine(sent)
	return nil
}

// sentText is a member that should be a string; "" where it is absent, null or
// anything else, none of which the contract allows here.
type sentText string

func (s *sentText) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*s = sentText(text)
	}
	return nil
}

func (c *call) readLines() ([]sentLine, *problem) {
	var body struct {
		Lines []sentLine `json:"lines"`
	}
	if wrong := c.decodeBody(&body); wrong != nil {
		return nil, wrong
	}
	if body.Lines == nil || len(body.Lines) > maximumPartLines {
		return nil, invalid("/lines", "required, an array of at most 1000 lines")
	}
	return body.Lines, nil
}

func newLinePart(lines []sentLine, within newHourImport) (*linePart, *problem) {
	part := &linePart{lines: make([]hourLine, 0, len(lines)), sums: sums{}}
	checked := partCheck{period: within, references: make(map[sentText]bool, len(lines))}
	for i, sent := range lines {
		checked.line(i, &sent)
		part.lines = append(part.lines, hourLine{
			reference: string(sent.Reference), employeeID: string(sent.EmployeeID), contractID: string(sent.ContractID),
			date: Date(sent.Date), code: string(sent.Code), quantity: string(sent.Quantity),
		})
		if value, ok := parseQuantity(string(sent.Quantity)); ok {
			part.sums.add(string(sent.Code), value)
		}
	}
	if len(checked.wrong) > 0 {
		return nil, rejected(checked.wrong)
	}
	return part, nil
}

func rejected(lines []problemError) *problem {
	p := newProblem(http.StatusUnprocessableEntity, fmt.Sprintf("%d findings in the lines", len(lines)))
	p.Errors = lines
	return p
}

// partCheck collects everything that is wrong with the lines of a part.
type partCheck struct {
	period     newHourImport
	references map[sentText]bool
	wrong      []problemError
}

func (p *partCheck) line(i int, sent *sentLine) {
	require := func(ok bool, member, code, detail string) {
		if !ok {
			p.wrong = append(p.wrong, problemError{
				Reference: string(sent.Reference), Pointer: fmt.Sprintf("/lines/%d/%s", i, member), Code: code, Detail: detail,
			})
		}
	}
	require(sent.Reference.within(maximumReference), "reference", "invalid", "required, a string of 1 to 64 characters")
	require(!p.references[sent.Reference], "reference", "duplicate_reference", "an earlier line of the part has it")
	p.references[sent.Reference] = sent.Reference != ""
	require(idForm.MatchString(string(sent.EmployeeID)), "employee_id", "invalid", "required, an id")
	require(idForm.MatchString(string(sent.ContractID)), "contract_id", "invalid", "required, an id")
	require(sent.Code.within(maximumCode), "code", "invalid", "required, a string of 1 to 16 characters")
	date, err := ParseDate(string(sent.Date))
	require(err == nil, "date", "invalid", "required, a day as yyyy-mm-dd")
	require(err != nil || date >= p.period.start && date <= p.period.end, "date", "outside_period", "not within the period of the import")
	quantity, ok := parseQuantity(string(sent.Quantity))
	require(ok && quantity.Sign() > 0, "quantity", "invalid", "required, a decimal above zero with at most 4 decimals")
}

func (s sentText) within(longest int) bool {
	return s != "" && utf8.RuneCountInString(string(s)) <= longest
}
