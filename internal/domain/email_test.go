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

func TestCheckEmail_S3_BlankAndInvalidAddressesIdentifyNobody(t *testing.T) {
	t.Parallel()
	rows := map[domain.EmailState][]string{
		domain.EmailBlank: {"", " ", "\t\r\n", "\u00a0", "\u2003\u3000"},
		domain.EmailInvalid: {
			"jan", "jan@", "@example.nl", "jan@localhost", "jan@@example.nl", "jan example.nl", "jan@exam ple.nl",
			"jan jansen@example.nl", "jan\u00a0jansen@example.nl", "jan@example.n\u00a0l", "jan\u200b@example.nl", "\ufeffjan@example.nl",
			"Jan <jan@example.nl>", "<jan@example.nl>", "jan@example.nl (work)", "jan@example.nl, piet@example.nl", "jan@example.nl;",
			"jan@.example.nl", "jan@example..nl", "jan@example.nl.", "jan@-example.nl", "jan@example-.nl", "jan@exa_mple.nl", "jan@exa!mple.nl",
			"jan@[192.0.2.1]", "jan@192.0.2.1", ".jan@example.nl", "jan.@example.nl", `"jan jansen"@example.nl`, "jan\xff@example.nl", "mailto:jan@example.nl",
			strings.Repeat("a", 244) + "@example.nl",
		},
		domain.EmailValid: {
			"jan@example.nl", " jan@example.nl\n", "JAN@EXAMPLE.NL", "jan+werk@example.co.uk", "j.a_n-1@sub.example-1.nl", "o'neill@example.nl",
			"josé@example.nl", "jan@münchen.de", "jan@xn--mnchen-3ya.de", "jan@123.nl", strings.Repeat("a", 243) + "@example.nl",
		},
	}
	for want, addresses := range rows {
		for _, address := range addresses {
			require.Equal(t, want, domain.CheckEmail(address), "%q", address)
		}
	}
}

func TestEmailKey_S4_CaseAndSurroundingWhiteSpaceDoNotCount(t *testing.T) {
	t.Parallel()
	for _, same := range []string{"José@Example.nl", "JOSÉ@EXAMPLE.NL", " josé@example.nl\u00a0", "\u3000\tjosé@example.NL\r\n"} {
		require.Equal(t, "josé@example.nl", domain.EmailKey(same))
	}
	require.NotEqual(t, domain.EmailKey("jan@example.nl"), domain.EmailKey("j an@example.nl"), "white space inside counts")
	require.Equal(t, "x×÷ß", domain.EmailKey("X×÷ß"), "what has no case stays")
}

func TestEmailKey_S4_IsEqualUnderCaseAndWhiteSpace(t *testing.T) {
	t.Parallel()
	letters := rapid.StringMatching(`[a-zà-öø-þ0-9.@+_×÷-]{0,20}`)
	space := rapid.StringMatching(`[ \t\n\v\f\r\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		plain := letters.Draw(t, "address")
		var varied strings.Builder
		for _, letter := range plain {
			if rapid.Bool().Draw(t, "upper") {
				letter = unicode.ToUpper(letter)
			}
			varied.WriteRune(letter)
		}
		changed := space.Draw(t, "before") + varied.String() + space.Draw(t, "behind")
		require.Equal(t, plain, domain.EmailKey(changed))
	})
}

func FuzzEmail(f *testing.F) {
	for _, seed := range []string{"", "jan@example.nl", " JAN@example.NL ", "jan@[192.0.2.1]", "a\u00a0b@c.nl", "\xff@x.nl", "É@×.nl", "\u2003", "a@b.c@d.e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		key := domain.EmailKey(address)
		require.Equal(t, key, domain.EmailKey(key), "idempotent")
		require.Equal(t, strings.TrimFunc(key, unicode.IsSpace), key, "trimmed of all that Unicode calls white space")
		require.False(t, strings.ContainsFunc(key, func(r rune) bool { return r < 0xff && unicode.IsUpper(r) }), "folded")

		switch state := domain.CheckEmail(address); state {
		case domain.EmailBlank:
			require.Empty(t, key)
		case domain.EmailValid:
			require.Equal(t, domain.EmailValid, domain.CheckEmail(key), "the key of an address is one")
			require.True(t, utf8.ValidString(address))
			local, host, found := strings.Cut(key, "@")
			require.True(t, found && local != "" && !strings.Contains(host, "@"))
			require.Contains(t, strings.Trim(host, "."), ".")
			require.False(t, strings.ContainsFunc(key, unicode.IsSpace))
		default:
			require.Equal(t, domain.EmailInvalid, state)
			require.NotEmpty(t, key)
		}
	})
}
