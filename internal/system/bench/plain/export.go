package plain

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Export is what is exported: a period, both days included, and the wage code of each
// kind of work, by kind and type with a slash between them, such as meal/lunch; that
// of worked hours is hours/.
type Export struct {
	From, To string
	Codes    map[string]string
}

// Export brings the approved work of a period to Connexie: one import for each venue,
// sent while it is read, committed, read back, and its entries marked. It sends
// everything each time. Whoever exports has synchronised before.
func (p Program) Export(ctx context.Context, export Export) error {
	rows, err := p.Pool.Query(ctx, workOfPeriod, pgx.StrictNamedArgs{
		"organisation_id": p.OrganisationID, "from": export.From, "to": export.To,
	})
	if err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	defer rows.Close()
	e := &exporting{program: p, Export: export}
	var one work
	_, err = pgx.ForEachRow(rows, one.columns(), func() error { return e.take(ctx, one) })
	if err != nil {
		return err
	}
	return e.finishVenue(ctx)
}

// workOfPeriod has a row for each entry, and one more for each further extra of it, in
// the order in which lines are numbered.
const workOfPeriod = `
	select v.connexie_venue_id, l.connexie_id, c.connexie_contract_id, c.type = 'flex', e.id, e.day,
	       coalesce(e.minutes, extract(epoch from e.ends_at - e.starts_at)::integer / 60 - e.break_minutes),
	       coalesce(x.kind, ''), coalesce(x.type, ''), coalesce(x.quantity * 10000, 0)::bigint
	  from eitje.entries e
	  join plain.links l using (team_member_id)
	  join plain.venues v using (venue_id)
	  join eitje.contracts c
	    on c.team_member_id = e.team_member_id and c.start_date <= e.day and (c.end_date is null or c.end_date >= e.day)
	  left join eitje.entry_extras x on x.entry_id = e.id
	 where e.organisation_id = @organisation_id and e.day between @from and @to
	   and e.state = 'approved' and e.kind = 'worked' and c.type in ('flex', 'fixed_hours')
	 order by v.connexie_venue_id collate "C", l.connexie_id collate "C", e.day, e.starts_at nulls first, e.id,
	       x.kind = 'allowance', x.type collate "C"`

// work is a row of workOfPeriod.
type work struct {
	venue, person, contract string
	flex                    bool
	entry                   pgtype.UUID
	day                     time.Time
	minutes                 int
	kind, kindType          string
	quantity                int64 // in ten-thousandths
}

func (w *work) columns() []any {
	return []any{
		&w.venue, &w.person, &w.contract, &w.flex, &w.entry, &w.day, &w.minutes, &w.kind, &w.kindType, &w.quantity,
	}
}

// exporting is an export under way: one venue after the other, one person after the
// other.
type exporting struct {
	Export

	program Program
	draft   draft
	lines   int
	// last is the row before, and minutes what its person has worked at its venue.
	last    work
	minutes int
	marks   [][]any
}

// take makes lines of a row: the hours of the entry where it is the entry's first row,
// and its extra.
func (e *exporting) take(ctx context.Context, one work) error {
	if one.venue != e.last.venue {
		if err := e.beginVenue(ctx, one.venue); err != nil {
			return err
		}
	}
	if one.person != e.last.person || one.venue != e.last.venue {
		e.minutes = 0
	}
	first := one.entry != e.last.entry
	e.last = one
	if first && one.flex && one.minutes > 0 {
		before := hundredths(e.minutes)
		e.minutes += one.minutes
		if err := e.add(ctx, "hours/", int64(hundredths(e.minutes)-before)*100); err != nil {
			return err
		}
	}
	if one.kind == "" {
		return nil
	}
	return e.add(ctx, one.kind+"/"+one.kindType, one.quantity)
}

// hundredths of an hour, rounded half up.
func hundredths(minutes int) int { return (minutes*10 + 3) / 6 }

// add adds a line for the row that was taken last.
func (e *exporting) add(ctx context.Context, kind string, quantity int64) error {
	e.lines++
	entry := e.last.entry.String()
	if n := len(e.marks); n == 0 || e.marks[n-1][0] != e.last.entry {
		e.marks = append(e.marks, []any{e.last.entry, e.last.venue, e.last.day})
	}
	return e.draft.add(ctx, e.program.Connexie, quantity, line{
		Reference: fmt.Sprintf("%s.%d", entry, e.lines), EmployeeID: e.last.person, ContractID: e.last.contract,
		Date: e.last.day.Format(time.DateOnly), Code: e.Codes[kind], Quantity: decimalText(quantity),
	})
}

func (e *exporting) beginVenue(ctx context.Context, venue string) error {
	if err := e.finishVenue(ctx); err != nil {
		return err
	}
	id, err := e.program.Connexie.openDraft(ctx, venue, e.From, e.To)
	if err != nil {
		return fmt.Errorf("open a draft: %w", err)
	}
	e.draft, e.marks = draft{id: id, totals: map[string]int64{}}, nil
	return nil
}

// finishVenue commits what was sent, compares what Connexie holds, and marks.
func (e *exporting) finishVenue(ctx context.Context) error {
	if e.draft.id == "" {
		return nil
	}
	if err := e.draft.commit(ctx, e.program.Connexie); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return e.program.mark(ctx, e.Export, e.last.venue, e.marks)
}

// mark leaves the venue's entries of the period as the only ones that are marked.
func (p Program) mark(ctx context.Context, export Export, venue string, marks [][]any) error {
	return pgx.BeginFunc(ctx, p.Pool, func(tx pgx.Tx) error {
		const removed = `delete from plain.exported where connexie_venue_id = $1 and day between $2 and $3`
		if _, err := tx.Exec(ctx, removed, venue, export.From, export.To); err != nil {
			return fmt.Errorf("remove marks: %w", err)
		}
		columns := []string{"entry_id", "connexie_venue_id", "day"}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"plain", "exported"}, columns, pgx.CopyFromRows(marks)); err != nil {
			return fmt.Errorf("mark: %w", err)
		}
		return nil
	})
}
