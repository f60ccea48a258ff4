package seed

import (
	"strings"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// emails are the ways in which an address keeps someone out, or does not.
func (b *builder) emails() {
	b.skipped("S3", "empty e-mail", EmailBlank, email(""))
	b.skipped("S3", "white-space e-mail", EmailBlank, email(" \t "))
	b.skipped("S3", "null e-mail", EmailBlank, func(e *sandbox.Employee) { e.Email = sandbox.Null[string]() })
	b.skipped("S3", "absent e-mail", EmailBlank, func(e *sandbox.Employee) { e.Email = sandbox.Absent[string]() })
	b.skipped("S3", "e-mail without @", EmailInvalid, email("geen-adres.example.com"))
	b.skipped("S3", "e-mail without a domain", EmailInvalid, email("sanne@"))
	b.skipped("S3", "two e-mails in one", EmailInvalid, email("a@example.com; b@example.com"))

	b.matched("S4", "e-mail in other case", func(e *sandbox.Employee) {
		e.Email = sandbox.Some(strings.ToUpper(emailOf(e)))
	})
	b.matched("S4", "e-mail with spaces around", func(e *sandbox.Employee) {
		e.Email = sandbox.Some("  " + emailOf(e) + "\n")
	})
	padded := b.person()
	profile := b.team(padded, func(p *Profile) { p.Email = " " + strings.ToUpper(p.Email[:1]) + p.Email[1:] })
	b.expect(padded, Matched, "", profile.ID)
	b.label("S4", "e-mail padded and in other case in Eitje", padded).ProfileIDs = []string{profile.ID}

	for range 2 {
		rehired := b.person()
		profile := b.team(rehired, b.deactivated(-120))
		b.expect(rehired, Matched, "", profile.ID)
		b.label("S7", "rehire: the profile is inactive", rehired).ProfileIDs = []string{profile.ID}
	}
}

// disputes wait for someone to decide.
func (b *builder) disputes() {
	b.severalCandidates("two profiles share the e-mail")
	b.severalCandidates("two profiles share the e-mail, one inactive", b.deactivated(-30))

	b.sharedEmail("two people, no profile", false, false)
	b.sharedEmail("two people, e-mails differ in case", false, true)
	b.sharedEmail("two people, one profile", true, false)

	importable := b.person()
	b.expect(importable, Disputed, SharedEmail, "")
	leaver := b.person(email(emailOf(importable)), runs(b.today.AddDays(-400), b.today.AddDays(-20)))
	b.expect(leaver, Skipped, ContractEnded, "")
	b.label("S6", "two people share an e-mail, one not importable", importable, leaver)
}

func (b *builder) severalCandidates(name string, second ...func(*Profile)) {
	employee := b.person()
	one, two := b.team(employee), b.team(employee, second...)
	b.expect(employee, Disputed, SeveralCandidates, "")
	b.label("S6", name, employee).ProfileIDs = []string{one.ID, two.ID}
}

func (b *builder) sharedEmail(name string, withProfile, otherCase bool) {
	one := b.person()
	address := emailOf(one)
	var profiles []string
	if withProfile {
		profiles = append(profiles, b.team(one).ID)
	}
	if otherCase {
		address = strings.ToUpper(address)
	}
	two := b.person(email(address))
	b.expect(one, Disputed, SharedEmail, "")
	b.expect(two, Disputed, SharedEmail, "")
	b.label("S6", name, one, two).ProfileIDs = profiles
}

// deactivated is an edit: someone in Eitje deactivated the profile days ago.
func (b *builder) deactivated(days int) func(*Profile) {
	return func(p *Profile) {
		p.Active = false
		p.DeactivatedAt = b.today.AddDays(days).Start().Add(twoInTheAfternoon).UTC()
		p.DeactivatedBy = b.eitjeID("manager", 1)
	}
}
