package workflows_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/workflows"
)

// badInput is what somebody starts a workflow with, and what the answer must name.
type badInput struct {
	input string
	says  []string
}

var badSyncs = map[string]badInput{
	"nothing":              {`{}`, []string{`"connection_id" is missing`}},
	"null":                 {`null`, []string{`"connection_id" is missing`}},
	"a list":               {`[]`, []string{"one JSON object"}},
	"a number":             {`42`, []string{"one JSON object"}},
	"a text":               {`"con-1"`, []string{"one JSON object"}},
	"a typo":               {`{"conection_id":"con-1"}`, []string{`unknown member "conection_id"`, `"connection_id" is missing`}},
	"another case":         {`{"Connection_ID":"con-1"}`, []string{`unknown member "Connection_ID"`, `"connection_id" is missing`}},
	"look-alike name":      {`{"сonnection_id":"con-1"}`, []string{"unknown member", `"connection_id" is missing`}}, // Cyrillic с
	"a folding look-alike": {`{"connection_id":"con-1","night":"2026-11-22","ſtage":"x"}`, []string{`unknown member "ſtage"`}},
	"the Go name":          {`{"ConnectionID":"con-1"}`, []string{`unknown member "ConnectionID"`}},
	"mistyped":             {`{"connection_id":12}`, []string{`"connection_id" must be a text`}},
	"an object":            {`{"connection_id":{"id":"con-1"}}`, []string{`"connection_id" must be a text`}},
	"null member":          {`{"connection_id":null}`, []string{`"connection_id" is missing`}},
	"an e-mail for an id":  {`{"connection_id":"jan@example.nl"}`, []string{`"connection_id" must be an id`}},
	"a slash":              {`{"connection_id":"con-1/p_1"}`, []string{`"connection_id" must be an id`}},
	"a line break":         {`{"connection_id":"con-1\n"}`, []string{`"connection_id" must be an id`}},
	"look-alike digits":    {`{"connection_id":"con-１"}`, []string{`"connection_id" must be an id`}},
	"too long":             {`{"connection_id":"` + strings.Repeat("a", 65) + `"}`, []string{"1 to 64"}},
	"very long":            {`{"connection_id":"` + strings.Repeat("a", 1<<16) + `"}`, []string{"1 to 64"}},
	"other trigger":        {`{"connection_id":"con-1","trigger":"hourly"}`, []string{`"trigger" must be manual, nightly or activation`}},
	"other mode":           {`{"connection_id":"con-1","mode":"Preview"}`, []string{`"mode" must be apply or preview`}},
	"no date":              {`{"connection_id":"con-1","night":"22-11-2026"}`, []string{`"night" must be a calendar date such as "2026-11-22"`}},
	"no such date":         {`{"connection_id":"con-1","night":"2026-02-30"}`, []string{`"night" must be a calendar date`}},
	"night of one person":  {`{"connection_id":"con-1","only_connexie_id":"p_1","night":"2026-11-22"}`, []string{`"night" belongs to a full run`}},
	"by a name":            {`{"connection_id":"con-1","requested_by":"Jan Jansen"}`, []string{`"requested_by" must be an id`}},
	"a person by name":     {`{"connection_id":"con-1","only_connexie_id":"Jan Jansen"}`, []string{`"only_connexie_id" must be an id`}},
	"another's id":         {`{"connection_id":"con-2"}`, []string{"belongs under the workflow id sync/con-2, not sync/con-1"}},
	"a preview's input":    {`{"connection_id":"con-1","mode":"preview"}`, []string{"belongs under the workflow id preview/con-1"}},
	"a person's input":     {`{"connection_id":"con-1","only_connexie_id":"p_1"}`, []string{"belongs under the workflow id sync/con-1/p_1"}},
	"everything at once":   {`{"connection_id":1,"mode":"x","trigger":"y","requested_by":"a b","zzz":0}`, []string{`"connection_id"`, `"mode"`, `"trigger"`, `"requested_by"`, `"zzz"`}},
	"a huge unknown":       {`{"connection_id":"con-1","` + strings.Repeat("x", 1<<16) + `":1}`, []string{`unknown member "xxx`}},
	"hundreds unknown":     {manyMembers(500), []string{"and 491 more"}},
}

func manyMembers(n int) string {
	members := map[string]int{}
	for i := range n {
		members[strings.Repeat("m", 1+i%40)+strings.Repeat("n", i/40)] = i
	}
	encoded, _ := json.Marshal(members)
	return string(encoded)
}

var badNights = map[string]badInput{
	"a list":              {`[]`, []string{"one JSON object"}},
	"a text for a list":   {`{"connection_ids":"con-1"}`, []string{`"connection_ids" must be a list of texts`}},
	"numbers for texts":   {`{"connection_ids":[1]}`, []string{`"connection_ids" must be a list of texts`}},
	"an empty id":         {`{"connection_ids":["con-1",""]}`, []string{`"connection_ids" must hold ids`}},
	"null for an id":      {`{"connection_ids":[null]}`, []string{`"connection_ids" must hold ids`}},
	"very many bad ids":   {`{"connection_ids":[` + strings.Repeat(`"a b",`, 2_000) + `""]}`, []string{"names at most 1000", "must hold ids"}},
	"singular":            {`{"connection_id":"con-1"}`, []string{`unknown member "connection_id"`}},
	"too slow":            {`{"starts_per_second":0.01}`, []string{"between 0.1 and 1000"}},
	"backwards":           {`{"starts_per_second":-1}`, []string{"between 0.1 and 1000"}},
	"too fast":            {`{"starts_per_second":1001}`, []string{"between 0.1 and 1000"}},
	"beyond a number":     {`{"starts_per_second":1e400}`, []string{`"starts_per_second" must be a number`}},
	"a number in a text":  {`{"starts_per_second":"20"}`, []string{`"starts_per_second" must be a number`}},
	"no number":           {`{"starts_per_second":true}`, []string{`"starts_per_second" must be a number`}},
	"a schedule's member": {`{"night":"2026-11-22"}`, []string{`unknown member "night"`}},
}

const november = `{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kinds":["hours"]}`

var badExports = map[string]badInput{
	"nothing":            {`{}`, []string{`"connection_id" is missing`, `"from" is missing`, `"to" is missing`, `"kinds" must name at least one`}},
	"null":               {`null`, []string{`"connection_id" is missing`}},
	"a list":             {`[]`, []string{"one JSON object"}},
	"X10 reversed":       {`{"connection_id":"con-1","from":"2026-11-30","to":"2026-11-01","kinds":["hours"]}`, []string{"ends on 2026-11-01, before it begins on 2026-11-30 (X10)"}},
	"X10 too long":       {`{"connection_id":"con-1","from":"2026-11-01","to":"2027-01-02","kinds":["hours"]}`, []string{"has 63 days and may have 62 (X10)"}},
	"X10 ages apart":     {`{"connection_id":"con-1","from":"0001-01-01","to":"9999-12-31","kinds":["hours"]}`, []string{"may have 62 (X10)"}},
	"no first day":       {`{"connection_id":"con-1","to":"2026-11-30","kinds":["hours"]}`, []string{`"from" is missing`}},
	"no such day":        {`{"connection_id":"con-1","from":"2026-11-31","to":"2026-12-01","kinds":["hours"]}`, []string{`"from" must be a calendar date`}},
	"X7 no kinds":        {`{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kinds":[]}`, []string{`at least one of hours, meals, allowances (X7)`}},
	"X7 an unknown kind": {`{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kinds":["hours","lunches"]}`, []string{`may hold hours, meals, allowances and nothing else (X7)`}},
	"a kind twice":       {`{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kinds":["hours","hours"]}`, []string{`names a kind twice`}},
	"kinds as a text":    {`{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kinds":"hours"}`, []string{`"kinds" must be a list of texts`}},
	"null for a kind":    {`{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kinds":[null]}`, []string{`and nothing else (X7)`}},
	"yes for true":       {`{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kinds":["hours"],"acknowledge_unmapped":"yes"}`, []string{`"acknowledge_unmapped" must be true or false`}},
	"other mode":         {`{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kinds":["hours"],"mode":"dry"}`, []string{`"mode" must be apply or preview`}},
	"by a name":          {`{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kinds":["hours"],"requested_by":"Jan Jansen"}`, []string{`"requested_by" must be an id`}},
	"a typo":             {`{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kind":["hours"]}`, []string{`unknown member "kind"`}},
	"another's id":       {`{"connection_id":"con-2","from":"2026-11-01","to":"2026-11-30","kinds":["hours"]}`, []string{"belongs under the workflow id export/con-2, not export/con-1"}},
	"a preview's input":  {`{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kinds":["hours"],"mode":"preview"}`, []string{"belongs under the workflow id export-preview/con-1"}},
	"everything at once": {`{"connection_id":1,"from":1,"to":"2026-11-30","kinds":["x","x"],"mode":"y","requested_by":"a b","zzz":0}`, []string{`"connection_id"`, `"from"`, `"kinds" may hold`, `twice`, `"mode"`, `"requested_by"`, `"zzz"`}},
}

const leaver = `{"connection_id":"con-1","team_member_id":"tm-1","end_date":"2026-11-30"`

var badEndings = map[string]badInput{
	"nothing":            {`{}`, []string{`"connection_id" is missing`, `"team_member_id" is missing`, `"end_date" is missing`}},
	"null":               {`null`, []string{`"end_date" is missing`}},
	"a list":             {`[{}]`, []string{"one JSON object"}},
	"no such day":        {`{"connection_id":"con-1","team_member_id":"tm-1","end_date":"2026-11-31"}`, []string{`"end_date" must be a calendar date`}},
	"a typo":             {leaver + `,"last_day":"2026-11-30"}`, []string{`unknown member "last_day"`}},
	"N4 free text":       {leaver + `,"reason":"Jan Jansen gaat verhuizen"}`, []string{`"reason" must be a code`, "free text does not belong here"}},
	"by a name":          {leaver + `,"requested_by":"Jan Jansen"}`, []string{`"requested_by" must be an id`}},
	"an e-mail":          {`{"connection_id":"con-1","team_member_id":"jan@example.nl","end_date":"2026-11-30"}`, []string{`"team_member_id" must be an id`}},
	"another's id":       {`{"connection_id":"con-1","team_member_id":"tm-2","end_date":"2026-11-30"}`, []string{"belongs under the workflow id end-employment/tm-2, not end-employment/tm-1"}},
	"carried by a human": {leaver + `,"carried":{}}`, []string{`"carried" is the workflow's own`}},
	"carried mistyped":   {leaver + `,"carried":"x"}`, []string{`"carried" must be an object`}},
	"everything at once": {`{"connection_id":1,"team_member_id":[],"end_date":5,"reason":"a b","requested_by":"c d","zzz":0}`, []string{`"connection_id"`, `"team_member_id"`, `"end_date"`, `"reason"`, `"requested_by"`, `"zzz"`}},
}

var badActivations = map[string]badInput{
	"nothing":        {`{}`, []string{`"connection_id" is missing`}},
	"null":           {`null`, []string{`"connection_id" is missing`}},
	"a list":         {`[{}]`, []string{"one JSON object"}},
	"N3 a token":     {`{"connection_id":"con-1","token":"s3cr3t"}`, []string{`unknown member "token"`}},
	"another's id":   {`{"connection_id":"con-2"}`, []string{"belongs under the workflow id activate/con-2, not activate/con-1"}},
	"by a name":      {`{"connection_id":"con-1","requested_by":"Jan Jansen"}`, []string{`"requested_by" must be an id`}},
	"mistyped":       {`{"connection_id":["con-1"]}`, []string{`"connection_id" must be a text`}},
	"other mistyped": {`{"connection_id":"con-1","requested_by":7}`, []string{`"requested_by" must be a text`}},
	"yes for true":   {`{"connection_id":"con-1","preview_first":"yes"}`, []string{`"preview_first" must be true or false`}},
}

var badRemovals = map[string]badInput{
	"nothing":      {`{}`, []string{`"connection_id" is missing`}},
	"null":         {`null`, []string{`"connection_id" is missing`}},
	"a list":       {`[{}]`, []string{"one JSON object"}},
	"another's id": {`{"connection_id":"con-2"}`, []string{"belongs under the workflow id remove/con-2, not remove/con-1"}},
	"by a name":    {`{"connection_id":"con-1","requested_by":"Jan Jansen"}`, []string{`"requested_by" must be an id`}},
	"a typo":       {`{"connection_id":"con-1","yes":true}`, []string{`unknown member "yes"`}},
}

var badRepairs = map[string]badInput{
	"nothing":            {`{}`, []string{`"connection_id" is missing`, `"keep_id" is missing`, `"drop_id" is missing`}},
	"a list":             {`[]`, []string{"one JSON object"}},
	"a typo":             {`{"connection_id":"con-1","keep_id":"old-1","drop_id":"new-1","dropid":"x"}`, []string{`unknown member "dropid"`}},
	"another mode":       {`{"connection_id":"con-1","keep_id":"old-1","drop_id":"new-1","mode":"merge"}`, []string{`"mode" must be apply, preview or undo`}},
	"another's id":       {`{"connection_id":"con-1","keep_id":"old-2","drop_id":"new-1"}`, []string{"belongs under the workflow id repair/old-2, not repair/old-1"}},
	"by a name":          {`{"connection_id":"con-1","keep_id":"Jan Jansen","drop_id":"new-1"}`, []string{`"keep_id" must be an id`}},
	"everything at once": {`{"connection_id":1,"keep_id":"a b","drop_id":"","mode":"y","requested_by":"a b","zzz":0}`, []string{`"connection_id"`, `"keep_id"`, `"drop_id" is missing`, `"mode"`, `"requested_by"`, `"zzz"`}},
}

func TestInput_IsTakenOrAnsweredWithWhatIsWrongAndAnExample(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		id       string
		workflow string
		inputs   map[string]badInput
		example  func() decodedInput
	}{
		"sync":     {"sync/con-1", workflows.TypeSyncTeamMembers, badSyncs, func() decodedInput { return new(workflows.SyncTeamMembersInput) }},
		"night":    {"nightly-sync", workflows.TypeNightlySync, badNights, func() decodedInput { return new(workflows.NightlySyncInput) }},
		"export":   {"export/con-1", workflows.TypeExportHours, badExports, func() decodedInput { return new(workflows.ExportHoursInput) }},
		"ending":   {"end-employment/tm-1", workflows.TypeEndEmployment, badEndings, func() decodedInput { return new(workflows.EndEmploymentInput) }},
		"repair":   {"repair/old-1", workflows.TypeRepairDuplicate, badRepairs, func() decodedInput { return new(workflows.RepairDuplicateInput) }},
		"activate": {"activate/con-1", workflows.TypeActivateConnection, badActivations, func() decodedInput { return new(workflows.ActivateConnectionInput) }},
		"remove":   {"remove/con-1", workflows.TypeRemoveConnection, badRemovals, func() decodedInput { return new(workflows.RemoveConnectionInput) }},
	} {
		for what, bad := range of.inputs {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				s := newSuite(t, of.id) // no activity is expected: calling one would fail
				s.env.ExecuteWorkflow(of.workflow, json.RawMessage(bad.input))
				failure := s.failure()
				require.Equal(t, activities.ErrorInvalidInput, failure.Type())
				require.True(t, failure.NonRetryable())
				for _, text := range bad.says {
					require.Contains(t, failure.Message(), text)
				}
				require.Less(t, len(failure.Message()), 2000, "the engine cuts a longer text")
				require.NotContains(t, failure.Message(), "Jansen", "what was sent may name people (N4)")
				require.NotContains(t, failure.Message(), "s3cr3t", "or be a token (N3)")
				requireGoodExample(t, failure.Message(), of.example())
			})
		}
	}
}

// requireGoodExample holds the example to what it promises: it is taken.
func requireGoodExample(t *testing.T, message string, into decodedInput) {
	t.Helper()
	_, example, found := strings.Cut(message, "Example: ")
	require.True(t, found, "no example in %q", message)
	for one := range strings.SplitSeq(example, " or ") {
		require.NoError(t, json.Unmarshal([]byte(one), into), one)
		require.Empty(t, into.DecodingProblems(), one)
	}
}

// A workflow under no id of ours would not be alone.
func TestInput_S2_RefusesToRunUnderAnIDThatItDoesNotImply(t *testing.T) {
	t.Parallel()
	for id, run := range map[string]struct {
		workflow string
		input    string
	}{
		"my sync":              {workflows.TypeSyncTeamMembers, `{"connection_id":"con-1"}`},
		"sync/con-1/":          {workflows.TypeSyncTeamMembers, `{"connection_id":"con-1"}`},
		"SYNC/con-1":           {workflows.TypeSyncTeamMembers, `{"connection_id":"con-1"}`},
		"preview/con-1 ":       {workflows.TypeSyncTeamMembers, `{"connection_id":"con-1","mode":"preview"}`},
		"sync/con-1/p_2":       {workflows.TypeSyncTeamMembers, `{"connection_id":"con-1","only_connexie_id":"p_1"}`},
		"nightly-syncopation":  {workflows.TypeNightlySync, `{}`},
		"nightly":              {workflows.TypeNightlySync, `{}`},
		"export/con-2":         {workflows.TypeExportHours, november},
		"export-preview/con-1": {workflows.TypeExportHours, november},
		"export/con-1":         {workflows.TypeExportHours, strings.Replace(november, "}", `,"mode":"preview"}`, 1)},
		"end-employment":       {workflows.TypeEndEmployment, leaver + "}"},
		"repair/new-1":         {workflows.TypeRepairDuplicate, `{"connection_id":"con-1","keep_id":"old-1","drop_id":"new-1"}`},
		"activate":             {workflows.TypeActivateConnection, `{"connection_id":"con-1"}`},
		"remove/con-1 ":        {workflows.TypeRemoveConnection, `{"connection_id":"con-1"}`},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := newSuite(t, id)
			s.env.ExecuteWorkflow(run.workflow, json.RawMessage(run.input))
			require.Contains(t, s.failure().Message(), "under the workflow id")
		})
	}
}
