package domain_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestNameKey_S22_CaseSpaceAndTheInfixsPlaceDoNotCount(t *testing.T) {
	t.Parallel()
	const want = "andréavandenberg"
	for _, name := range [][3]string{
		{"Andréa", "van den", "Berg"}, {"ANDRÉA", "Van Den", "berg"}, {" Andréa ", "", "van den\u00a0Berg\t"}, {"Andréa van", "den", "Berg"},
	} {
		require.Equal(t, want, domain.NameKey(name[0], name[1], name[2]))
	}
	require.NotEqual(t, want, domain.NameKey("Andrea", "van den", "Berg"), "an accent counts")
	require.Empty(t, domain.NameKey(" ", "\t", "\u2003"))
	require.Equal(t, strings.Repeat("é", 120), domain.NameKey(strings.Repeat("É", 500), "", "x"), "no longer than an index holds")
}

func TestPhoneKey_S22_OneNumberHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	rows := map[string][]string{
		"0612345678": {
			"0612345678", "06-12345678", "06 12 34 56 78", "+31612345678", "+31 6 12345678", "+31 (0)6-12345678", "(+31) 6 12345678",
			"0031612345678", "0031 (0)6 12345678", "tel. 06 1234 5678",
		},
		"004915112345678": {"+49 151 12345678", "0049 151 12345678"},
		"":                {"", " ", "06", "112", "06-12345", "geen", "+31 6 12345", "+"},
		"61234567":        {"6 123 45 67"},
		"6123456731":      {"61234567+31"},
	}
	for want, numbers := range rows {
		for _, number := range numbers {
			require.Equal(t, want, domain.PhoneKey(number), "%q", number)
		}
	}
	require.NotEqual(t, domain.PhoneKey("+49612345678"), domain.PhoneKey("0612345678"), "another country's")
}

func TestNameKey_S22_IsEqualUnderCaseAndWhiteSpace(t *testing.T) {
	t.Parallel()
	letters := rapid.StringMatching(`[a-zà-öø-þ'-]{1,20}`)
	space := rapid.StringMatching(`[ \t\n\x{a0}\x{2003}\x{3000}]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		plain := letters.Draw(t, "name")
		var varied strings.Builder
		for _, letter := range plain {
			if rapid.Bool().Draw(t, "upper") {
				letter = unicode.ToUpper(letter)
			}
			varied.WriteString(string(letter) + space.Draw(t, "space"))
		}
		require.Equal(t, domain.NameKey("", "", plain), domain.NameKey(varied.String(), "", ""))
	})
}

func TestPhoneKey_S22_PrefixesOfOneNumberAreEqualAndKeysAreDigits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[1-9][0-9]{8}`).Draw(t, "number")
		for _, prefix := range []string{"+31", "0031", "+31 (0)", "00310"} {
			require.Equal(t, "0"+number, domain.PhoneKey(prefix+number))
		}
		key := domain.PhoneKey(rapid.String().Draw(t, "anything"))
		require.Empty(t, strings.Trim(key, "0123456789"))
		require.True(t, utf8.RuneCountInString(key) == 0 || len(key) >= 8 && len(key) <= 20)
	})
}

func lookAlikes(ids ...string) option { return func(f *domain.Facts) { f.LookAlikes = ids } }

func waiting(f *domain.Facts) { f.LikelyDuplicatesWait = true }

func TestPlan_S22_LookAlikesWaitWhereTheConnectionChoseSo(t *testing.T) {
	t.Parallel()
	waits := verdict{domain.Disputed, domain.ReasonLikelyDuplicate, "S22"}
	isNew := verdict{domain.New, "", "S4"}
	checkSituations(t, []situation{
		{"S22_announced_and_created", newcomer(lookAlikes("t9")), isNew},
		{"S22_waits", newcomer(lookAlikes("t9"), waiting), waits},
		{"S22_nobody_looks_alike", newcomer(waiting), isNew},
		{"S4_the_address_matches", newcomer(lookAlikes("t9"), waiting, candidates(profile("t1"))), verdict{domain.Matched, "", "S4"}},
		{"S6_a_dispute_about_the_address_comes_first", newcomer(lookAlikes("t9"), waiting, func(f *domain.Facts) { f.EmailTaken = true }), verdict{domain.Disputed, domain.ReasonEmailOfLinkedProfile, "S6"}},
		{"S3_who_is_not_employed_is_skipped", newcomer(lookAlikes("t9"), waiting, employmentEnded), skipped(domain.ReasonEmploymentEnded, "S3")},
		{"S5_who_is_linked_is_linked", teamMember(lookAlikes("t9"), waiting), verdict{domain.Linked, "", "S5"}},
	})
}

func TestPlan_S22_ACreatedLookAlikeIsAnnouncedWithBothIDs(t *testing.T) {
	t.Parallel()
	plan := planned(newcomer(lookAlikes("t9", "t8")))
	require.Equal(t, domain.ActionCreate, plan.Action)
	require.Len(t, plan.Events, 1)
	notice := plan.Events[0]
	require.Equal(t, domain.CauseLikelyDuplicate, notice.Cause)
	require.Equal(t, "p1", notice.Subject)
	require.Contains(t, notice.NextStep, "starter duplicates repair --keep t8 --drop "+plan.Profile.ID)
	require.Contains(t, notice.NextStep, "Others look like it too: 1")
	require.NotContains(t, notice.NextStep, "Jan", "ids alone (N4)")

	after := domain.PlanPerson(apply(newcomer(lookAlikes("t9", "t8")), plan))
	require.Empty(t, after.Events, "announced once, at the moment of creation")
}

func TestPlan_S22_WhoWaitsHasTheLookAlikesAsCandidates(t *testing.T) {
	t.Parallel()
	plan := planned(newcomer(lookAlikes("t9", "t8"), waiting))
	require.Equal(t, []string{"t8", "t9"}, plan.Candidates)
	require.Empty(t, plan.Events)
	require.Equal(t, domain.CauseDisputed, plan.Open[0].Cause)
	require.False(t, plan.WritesEitje())
}
