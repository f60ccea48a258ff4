package workflows

import "go.temporal.io/sdk/workflow"

// What tests need that nobody else may use.

// DecodingProblems is what decoding found wrong with any input.
func (in SyncTeamMembersInput) DecodingProblems() []string      { return in.unknown.problems }
func (in NightlySyncInput) DecodingProblems() []string          { return in.unknown.problems }
func (in ActivateConnectionInput) DecodingProblems() []string   { return in.unknown.problems }
func (in RemoveConnectionInput) DecodingProblems() []string     { return in.unknown.problems }
func (in RequestSyncInput) DecodingProblems() []string          { return in.unknown.problems }
func (in ExportHoursInput) DecodingProblems() []string          { return in.unknown.problems }
func (in DeliverNotificationsInput) DecodingProblems() []string { return in.unknown.problems }
func (in CancelInput) DecodingProblems() []string               { return in.unknown.problems }
func (in EndEmploymentInput) DecodingProblems() []string        { return in.unknown.problems }
func (in ConfirmEndInput) DecodingProblems() []string           { return in.unknown.problems }
func (in ChangeEndDateInput) DecodingProblems() []string        { return in.unknown.problems }
func (in WithdrawInput) DecodingProblems() []string             { return in.unknown.problems }
func (in CheckConnexieInput) DecodingProblems() []string        { return in.unknown.problems }
func (in DecideGuardInput) DecodingProblems() []string          { return in.unknown.problems }
func (in RepairDuplicateInput) DecodingProblems() []string      { return in.unknown.problems }

// ActivityOptions are all that activities are started with.
func ActivityOptions() map[string]workflow.ActivityOptions {
	return map[string]workflow.ActivityOptions{
		"database": databaseOptions, "slice": sliceOptions, "check": checkOptions, "start": startOptions,
		"deliver": deliverOptions, "test channel": testChannelOptions,
		"probe": probeOptions, "follow": followOptions, "end": endOptions, "repair": repairOptions,
		"check export": checkExportOptions, "snapshot": snapshotOptions, "mark": markOptions, "close export": closeExportOptions,
		"withdraw": withdrawOptions, "send": sendOptions(sendUntil), "send after outage": sendOptions(sendUntilAfterOutage),
		"ending": endingOptions, "ask": askOptions, "ask patiently": askPatientlyOptions,
		"read nightly": readOptions(readUntilNightly), "read manual": readOptions(readUntilManual),
	}
}
