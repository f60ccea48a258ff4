package domain

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// maxNameKey keeps a key within what an index of PostgreSQL can hold; nobody's name
	// is that long.
	maxNameKey = 120
	// minPhoneDigits is the shortest number that can be somebody's own: what is shorter is
	// a switchboard's extension, or a placeholder.
	minPhoneDigits = 8
	// maxPhoneDigits is above the fifteen digits of the longest number there is (E.164)
	// with its prefix.
	maxPhoneDigits = 20
)

// NameKey is what two names must have in common to be the same: folded as EmailKey
// folds, and without white space, so that it does not matter which part the infix
// stands in (S22). The function eitje.name_key is its twin in SQL; a property test holds
// the two together.
func NameKey(firstName, infix, lastName string) string {
	key := strings.Map(foldName, firstName+infix+lastName)
	if runes := []rune(key); len(runes) > maxNameKey {
		return string(runes[:maxNameKey])
	}
	return key
}

func foldName(r rune) rune {
	if strings.ContainsRune(whiteSpace, r) {
		return -1
	}
	return foldLatin1(r)
}

// PhoneKey is what two phone numbers must have in common to be the same (S22): their
// digits, a Dutch number as it is dialled at home, whether it was written with +31, with
// 0031 or with neither. It is empty for what is too short to be somebody's own. The
// function eitje.phone_key is its twin in SQL.
func PhoneKey(phone string) string {
	digits := strings.Map(onlyDigits, phone)
	if plus := strings.IndexByte(phone, '+'); plus >= 0 && !strings.ContainsAny(phone[:plus], "0123456789") {
		digits = "00" + digits
	}
	if home, dutch := strings.CutPrefix(digits, "0031"); dutch {
		// As in +31 (0)6.
		digits = "0" + strings.TrimPrefix(home, "0")
	}
	if len(digits) < minPhoneDigits {
		return ""
	}
	return digits[:min(len(digits), maxPhoneDigits)]
}

func onlyDigits(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

// likelyDuplicateNotice tells at once that a profile was created although others look
// like the same person (S22). created is empty as long as the profile has no id.
func likelyDuplicateNotice(id, created string, lookAlikes []string) Notice {
	pair := fmt.Sprintf("--keep %s --drop %s", lookAlikes[0], orUnknown(created))
	others := ""
	if more := len(lookAlikes) - 1; more > 0 {
		others = fmt.Sprintf(" Others look like it too: %d; see them all with: starter duplicates list.", more)
	}
	return Notice{CauseLikelyDuplicate, id, SeverityWarning, fmt.Sprintf(
		"A profile was created although one without a Connexie ID has the same name and birth date, or the same phone. "+
			"Compare the two: starter duplicates preview %s. If they are one person: starter duplicates repair %s.%s",
		pair, pair, others)}
}

func orUnknown(id string) string {
	if id == "" {
		return "PROFILE"
	}
	return id
}

// lookAlikeNotice tells that somebody waits because a profile looks like theirs (S22).
func lookAlikeNotice(id string) Notice {
	return Notice{CauseDisputed, id, SeverityWarning,
		"A profile without a Connexie ID has this person's name and birth date, or phone. Decide whether it is theirs."}
}

// waitsAsLookAlike asks, of somebody who would be created, whether the connection has
// look-alikes wait until someone decides (S22).
func (p *planner) waitsAsLookAlike() bool {
	if !p.lookAlikesCount() {
		return false
	}
	p.explain("S22", lookAlikeQuestion, "yes; it waits until someone decides")
	p.conclude(Disputed, ReasonLikelyDuplicate, "S22")
	p.plan.Candidates = p.candidates()
	p.want(lookAlikeNotice(p.facts.Person.ID))
	return true
}

// lookAlikesCount reports whether the look-alikes are what there is to decide about: where
// the connection has them wait and the e-mail address tells nothing (S6, S22).
func (p *planner) lookAlikesCount() bool {
	return p.facts.LikelyDuplicatesWait && len(p.facts.LookAlikes) > 0 &&
		len(p.facts.Candidates) == 0 && !p.facts.EmailTaken && p.facts.Rivals == 0
}

// noticeLookAlikes announces that the profile that is being created looks like others
// (S22). Of those whom somebody has looked at, and found to be others, nothing is told.
func (p *planner) noticeLookAlikes() {
	alike := sortedIDs(p.facts.LookAlikes)
	if decision := p.facts.Decision; decision != nil && p.plan.Rule == "S6" {
		alike = slices.DeleteFunc(alike, func(id string) bool { return slices.Contains(decision.Candidates, id) })
	}
	if len(alike) == 0 {
		return
	}
	p.explain("S22", lookAlikeQuestion, "yes; it is announced as a likely duplicate")
	p.plan.LookAlikes = alike
	p.plan.Events = append(p.plan.Events, likelyDuplicateNotice(p.facts.Person.ID, "", p.plan.LookAlikes))
}

const lookAlikeQuestion = "Has an unlinked profile the same name and birth date, or the same phone?"

// nameDuplicate fills in, in what is announced, the id of the profile that is created.
func (p *Plan) nameDuplicate() {
	for i := range p.Events {
		if p.Events[i].Cause == CauseLikelyDuplicate {
			p.Events[i] = likelyDuplicateNotice(p.ConnexieID, p.Profile.ID, p.LookAlikes)
		}
	}
}
