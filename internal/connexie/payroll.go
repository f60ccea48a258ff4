package connexie

import (
	"context"
	"net/http"
	"net/url"

	"github.com/eitje/connexie-worker/internal/domain"
)

// PayrollStatus says how far payroll is with a period.
type PayrollStatus string

// The statuses of a period. Running and run take no import (X9).
const (
	PayrollOpen    PayrollStatus = "open"
	PayrollRunning PayrollStatus = "running"
	PayrollRun     PayrollStatus = "run"
)

var payrollStatuses = []string{string(PayrollOpen), string(PayrollRunning), string(PayrollRun)}

// PayrollPeriod is a run of days that payroll settles together for one venue.
type PayrollPeriod struct {
	ID      string
	VenueID string
	Start   domain.Date
	// End is the last day, included.
	End    domain.Date
	Status PayrollStatus
}

// PayrollPeriodsRequest asks for the periods of one venue that touch the days from
// From to To, both included.
type PayrollPeriodsRequest struct {
	VenueID string
	From    domain.Date
	To      domain.Date
}

type wirePayrollPeriod struct {
	ID        member `json:"id"`
	VenueID   member `json:"venue_id"`
	StartDate member `json:"start_date"`
	EndDate   member `json:"end_date"`
	Status    member `json:"status"`
}

type wirePayrollPeriods struct {
	Items member `json:"items"`
}

var (
	payrollPeriodShape  = shapeOf[wirePayrollPeriod]()
	payrollPeriodsShape = shapeOf[wirePayrollPeriods]()
)

// maxPayrollPeriods bounds an answer that is not paged: ten years of days.
const maxPayrollPeriods = 4000

// ListPayrollPeriods reads the periods in the order of their start. Unlike in the
// other lists one unreadable period is an error: payroll must not seem open
// because the record that says otherwise was set aside (X9).
func (a *Account) ListPayrollPeriods(ctx context.Context, request PayrollPeriodsRequest) ([]PayrollPeriod, error) {
	c := call{
		op:      "list payroll periods",
		subject: request.VenueID,
		method:  http.MethodGet,
		path:    []string{"payroll-periods"},
		query: url.Values{
			"venue_id": {request.VenueID},
			"from":     {request.From.String()},
			"to":       {request.To.String()},
		},
		accept: []int{http.StatusOK},
	}
	switch {
	case !validID(request.VenueID):
		c.subject = ""
		return nil, c.fails(CodeInvalidArgument, "the venue's id is not one of Connexie")
	case request.From.IsZero(), request.To.IsZero(), request.To.Before(request.From):
		return nil, c.fails(CodeInvalidArgument, "the days must be given, the first not after the last")
	}
	got, err := a.do(ctx, c)
	if err != nil {
		return nil, err
	}
	var r reading
	periods := r.payrollPeriods(got.body, request.VenueID)
	if r.failed() {
		return nil, got.breaks(r.reason())
	}
	return periods, nil
}

func (r *reading) payrollPeriods(body []byte, venueID string) []PayrollPeriod {
	wire := payrollPeriodsShape.read(r, body)
	var periods []PayrollPeriod
	for i, raw := range elements(r.array(wire.Items)) {
		if i == maxPayrollPeriods {
			r.fail(wire.Items, "too many")
			break
		}
		var inner reading
		periods = append(periods, inner.payrollPeriod(raw, venueID))
		r.adoptItem(wire.Items, i, inner)
	}
	return periods
}

func (r *reading) payrollPeriod(raw []byte, venueID string) PayrollPeriod {
	wire := payrollPeriodShape.read(r, raw)
	period := PayrollPeriod{
		ID:      r.id(wire.ID),
		VenueID: r.id(wire.VenueID),
		Start:   r.date(wire.StartDate),
		End:     r.date(wire.EndDate),
		Status:  PayrollStatus(r.oneOf(wire.Status, payrollStatuses)),
	}
	r.ordered(wire.EndDate, period.Start, period.End)
	if period.VenueID != venueID {
		r.fail(wire.VenueID, "another venue than was asked for")
	}
	return period
}
