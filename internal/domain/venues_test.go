package domain_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestMatchVenues_C2_VenuesOfEqualNameAreConnected(t *testing.T) {
	t.Parallel()
	pair := func(eitje, connexie string) domain.VenueConnection {
		return domain.VenueConnection{EitjeID: eitje, ConnexieID: connexie}
	}
	rows := []struct {
		name         string
		ours, theirs []domain.Venue
		want         []domain.VenueConnection
	}{
		{"C2_equal", named("E", "Bar"), named("V", "Bar"), []domain.VenueConnection{pair("E1", "V1")}},
		{"C2_case_and_white_space", named("E", " Grand  CAFÉ "), named("V", "grand\u00a0café"), []domain.VenueConnection{pair("E1", "V1")}},
		{"C2_other", named("E", "Bar"), named("V", "Bar 2"), nil},
		{"C2_blank_names_nothing", named("E", " "), named("V", ""), nil},
		{"C2_two_of_ours", named("E", "Bar", "bar"), named("V", "Bar"), nil},
		{"C2_two_of_theirs", named("E", "Bar"), named("V", "Bar", "BAR"), nil},
		{"C2_in_our_order", named("E", "Bar", "Kitchen", "Roof"), named("V", "Roof", "Bar"), []domain.VenueConnection{pair("E1", "V2"), pair("E3", "V1")}},
		{"C5_one_that_is_inactive_in_Connexie", named("E", "Bar"), []domain.Venue{{ID: "V1", Name: "Bar"}}, nil},
		{"C5_an_inactive_namesake_does_not_count", named("E", "Bar"), append(named("V", "Bar"), domain.Venue{ID: "V0", Name: "Bar"}), []domain.VenueConnection{pair("E1", "V1")}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, row.want, domain.MatchVenues(row.ours, row.theirs))
		})
	}
}

func TestVenueMap_C4_SeveralOfOursMayShareOneOfTheirs(t *testing.T) {
	t.Parallel()
	m := domain.NewVenueMap([]domain.VenueConnection{
		{EitjeID: "E2", ConnexieID: "V1"}, {EitjeID: "E3"}, {EitjeID: "E1", ConnexieID: "V1"}, {EitjeID: "E4", ConnexieID: "V2"},
	}, nil)
	require.Equal(t, []string{"E1", "E2"}, m.EitjeVenues("V1"))
	require.Equal(t, []string{"E4"}, m.EitjeVenues("V2"))
	require.Empty(t, m.EitjeVenues("V3"))
	require.Empty(t, m.EitjeVenues(""), "an Eitje venue that is not used is kept with none")
}

// named makes venues of these names with the ids prefix1, prefix2 and so on.
func named(prefix string, names ...string) []domain.Venue {
	var venues []domain.Venue
	for i, name := range names {
		venues = append(venues, domain.Venue{ID: prefix + strconv.Itoa(i+1), Name: name, Active: true})
	}
	return venues
}

// FuzzMatchVenues reads names from lines. Whatever they are, a connection is
// between the only two venues of a name, so nothing ambiguous is ever connected
// and no venue of either side twice (C4).
func FuzzMatchVenues(f *testing.F) {
	f.Add("Bar\nKitchen", "kitchen\nBAR ")
	f.Add("Bar\nbar\n\n ", "Bar\n\n")
	f.Add("Bar\nTerras", "Bar\nBar\nTerras\nterras\u2003")
	f.Add("Café\nCAFÉ", "café")
	f.Add("\xff\nA  B", "\xfe\na\tb")
	f.Fuzz(func(t *testing.T, ourNames, theirNames string) {
		ours, theirs := named("E", strings.Split(ourNames, "\n")...), named("V", strings.Split(theirNames, "\n")...)
		connections := domain.MatchVenues(ours, theirs)
		var want []domain.VenueConnection
		for _, our := range ours {
			same := having(theirs, func(v domain.Venue) bool { return sameName(v, our) })
			twins := having(ours, func(v domain.Venue) bool { return sameName(v, our) })
			if len(same) == 1 && len(twins) == 1 && strings.TrimSpace(our.Name) != "" {
				want = append(want, domain.VenueConnection{EitjeID: our.ID, ConnexieID: same[0].ID})
			}
		}
		require.Equal(t, want, connections)
		slices.Reverse(theirs)
		require.Equal(t, connections, domain.MatchVenues(ours, theirs), "the order of their venues decides nothing")
	})
}

// sameName compares word by word, in lower case.
func sameName(a, b domain.Venue) bool {
	return slices.Equal(strings.Fields(strings.ToLower(a.Name)), strings.Fields(strings.ToLower(b.Name)))
}
