package store_test

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// change does one thing to a world that was in order: what Connexie sends, what
// somebody edits in Eitje, what is decided, what passes. One at a time shows what a
// random world would drown: a comparison that overlooks one column.
func (w *world) change() {
	type kind struct {
		name string
		do   func()
	}
	kinds := []kind{
		{"a day passes", w.aDayPasses}, {"a venue is decided", w.aVenueIsDecided}, {"a venue is switched", w.aVenueIsSwitched},
		{"a profile appears", w.aProfileAppears}, {"look-alikes wait or do not", w.lookAlikesWaitOrNot},
	}
	if people := w.people(); len(people) > 0 {
		id := pick(w, "person", people...)
		kinds = append(kinds,
			kind{"a record comes", func() { w.savePerson(id) }}, kind{"another record comes", func() { w.savePerson(id) }},
			kind{"a person comes or goes", func() { w.comesOrGoes(id) }}, kind{"a notice changes", func() { w.aNoticeChanges(id) }},
			kind{"an ending comes or goes", func() { w.anEndingComesOrGoes(id) }},
			kind{"a standing changes", func() { w.aStandingChanges(id) }}, kind{"other candidates", func() { w.rememberCandidates(id) }},
			kind{"a decision is taken", func() { w.aDecisionIsTaken(id) }}, kind{"a decision is taken again", func() { w.aDecisionIsTaken(id) }},
			kind{"a hold is set", func() { w.aHoldIsSet(id) }})
	}
	if len(w.profiles) > 0 {
		id := pick(w, "profile", w.profiles...)
		kinds = append(kinds,
			kind{"a profile is edited", func() { w.aProfileIsEdited(id) }}, kind{"it is edited in another way", func() { w.aProfileIsEdited(id) }},
			kind{"a contract is edited", func() { w.aContractIsEdited(id) }}, kind{"a contract is entered", func() { w.holdContract(id, "") }},
			kind{"a line is exported", func() { w.exportLine(id) }}, kind{"an export is forgotten", w.anExportIsForgotten},
			kind{"a link goes", func() { w.aLinkGoes(id) }}, kind{"venues are lost", func() { w.aVenueIsLost(id) }})
	}
	pick(w, "change", kinds...).do()
}

func (w *world) aDayPasses() { w.day = w.day.AddDays(pick(w, "days", 1, 2, 31)) }

func (w *world) aVenueIsDecided() { w.mapVenue(pick(w, "venue", w.venues...)) }

// aVenueIsSwitched sets a Connexie venue Inactive, which store refuses for one that
// is connected, or lets Connexie do so.
func (w *world) aVenueIsSwitched() {
	id := pick(w, "Connexie venue", connexieIDs...)
	w.exec(pick(w, "switch",
		`update connexie.venues set active = not active where connection_id = $1 and connexie_venue_id = $2`,
		`update connexie.venues v set set_inactive = not set_inactive
		  where connection_id = $1 and connexie_venue_id = $2
		    and not exists (select from connexie.venue_mappings m
		                     where m.connection_id = v.connection_id and m.connexie_venue_id = v.connexie_venue_id)`,
	), w.connection, id)
}

func (w *world) lookAlikesWaitOrNot() {
	w.exec(`update connexie.connections set likely_duplicates_wait = not likely_duplicates_wait where id = $1`, w.connection)
}

func (w *world) aProfileAppears() {
	var nobody []string
	w.drawProfile(&nobody)
}

func (w *world) comesOrGoes(id string) {
	w.exec(`
		update connexie.people set missing_since = case when missing_since is null then $3::timestamptz end
		 where connection_id = $1 and connexie_id = $2`, w.connection, id, now)
}

// anEndingComesOrGoes closes the open ending of a person, or opens one (S12).
func (w *world) anEndingComesOrGoes(id string) {
	closed, err := w.db.Pool.Exec(w.ctx, `
		update connexie.endings set stage = 'closed', outcome = 'withdrawn', closed_at = $3
		 where connection_id = $1 and connexie_id = $2 and closed_at is null`, w.connection, id, now)
	require.NoError(w, err)
	if closed.RowsAffected() > 0 {
		return
	}
	w.exec(`
		insert into connexie.endings (id, connection_id, team_member_id, connexie_id, workflow_id, requested_end_date,
		       end_date, requested_by, stage, stage_since, opened_at)
		select $3, connection_id, team_member_id, connexie_id, 'end-employment', $4, $4, 'cli', 'opened', $5, $5
		  from connexie.links where connection_id = $1 and connexie_id = $2
		    on conflict do nothing`, w.connection, id, w.newID(), w.day, now)
}

func (w *world) aNoticeChanges(id string) {
	if w.seldom("all close") {
		w.exec(`update connexie.notifications set closed_at = $3 where connection_id = $1 and subject = $2 and closed_at is null`,
			w.connection, id, now)
		return
	}
	cause := pick(w, "cause", append(domain.StandingCauses(), domain.CauseReactivated, domain.CauseLikelyDuplicate)...)
	closed, err := w.db.Store.CloseNotices(w.ctx, w.connection, []store.NoticeKey{{Cause: cause, Subject: id}}, now)
	require.NoError(w, err)
	if closed == 0 {
		w.openNotice(id, cause)
	}
}

func (w *world) aStandingChanges(id string) {
	w.exec(pick(w, "standing changes",
		`delete from connexie.person_standings where connection_id = $1 and connexie_id = $2`,
		`update connexie.person_standings set situation = 'bad_record', reason = 'refused_by_store', rule = 'S15'
		  where connection_id = $1 and connexie_id = $2`,
		`update connexie.person_standings set reason = 'email_blank' where connection_id = $1 and connexie_id = $2`,
	), w.connection, id)
}

// aProfileIsEdited changes one column of a team member.
func (w *world) aProfileIsEdited(id string) {
	column := pick(w, "column", "email", "first_name", "infix", "last_name", "date_of_birth", "phone", "street",
		"house_number", "postal_code", "city", "country", "active", "archived_at")
	var value any
	switch column {
	case "email":
		value = pick(w, "log-in", addresses...)
	case "date_of_birth":
		value = w.birthDay()
	case "phone":
		value = w.phone()
	case "active":
		value = w.seldom("active")
	case "archived_at":
		value = w.archival()
	default:
		value = w.word()
	}
	w.exec(fmt.Sprintf(`update eitje.team_members set %s = $2 where id = $1`, column), id, value)
}

// longAgo is before any contract here can end, however many days have passed.
var longAgo = domain.NewDate(1970, time.January, 1)

// aContractIsEdited changes one column of every contract that a team member holds.
func (w *world) aContractIsEdited(id string) {
	changes := map[string]any{
		"type": pick(w, "type", types...), "hours_per_week": w.amount(), "hourly_wage": w.amount(), "job_title": w.word(),
		"venue_id": w.venue(), "start_date": longAgo, "end_date": w.day.AddDays(60), "removed": nil, "by hand": nil,
	}
	switch column := pick(w, "contract's column",
		"type", "hours_per_week", "hourly_wage", "job_title", "venue_id", "start_date", "end_date", "removed", "by hand"); column {
	case "removed":
		w.exec(`delete from eitje.contracts where team_member_id = $1`, id)
	case "by hand":
		w.exec(`update eitje.contracts set connexie_contract_id = null where team_member_id = $1`, id)
	default:
		w.exec(fmt.Sprintf(`update eitje.contracts set %s = $2 where team_member_id = $1`, column), id, changes[column])
	}
}

func (w *world) anExportIsForgotten() {
	w.exec(`update connexie.export_venues v set state = 'superseded'
		  from connexie.exports e where e.id = v.export_id and e.connection_id = $1`, w.connection)
}

func (w *world) aLinkGoes(id string) {
	w.exec(`delete from connexie.links where team_member_id = $1`, id)
}

func (w *world) aVenueIsLost(id string) {
	w.exec(`delete from eitje.team_member_venues where team_member_id = $1`, id)
}

// sync applies the plans of the people named, as a full run would.
func (w *world) sync(ids []string) {
	run := store.RunOpening{
		ID: w.newID(), ConnectionID: w.connection, WorkflowID: "sync/" + w.connection, Pass: 1,
		Trigger: store.TriggerManual, Mode: store.ModeApply, RequestedBy: "cli", Day: w.day,
	}
	_, err := w.db.Store.OpenRun(w.ctx, run, now)
	require.NoError(w, err)
	require.NoError(w, w.db.Store.ApplyBatch(w.ctx, store.Batch{
		Run: store.PlanOwner{RunID: run.ID, ConnectionID: w.connection}, Day: w.day, By: "cli", ConnexieIDs: ids,
	}, now))
}

func (w *world) scope() store.Scope {
	decisions, err := w.db.Store.VenueDecisions(w.ctx, w.connection)
	require.NoError(w, err)
	return store.Scope{ConnectionID: w.connection, Day: w.day, Venues: decisions.Map()}
}
