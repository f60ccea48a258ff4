package store_test

import (
	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

func pick[T any](w *world, label string, among ...T) T {
	return rapid.SampledFrom(among).Draw(w.T, label)
}

// seldom is true once in eight times.
func (w *world) seldom(label string) bool { return rapid.IntRange(0, 7).Draw(w.T, label) == 7 }

// some draws some of the items, each at most once, in any order.
func (w *world) some(items []string, label string) []string { return someOf(w, items, label) }

func someOf[T any](w *world, items []T, label string) []T {
	shuffled := rapid.Permutation(items).Draw(w.T, label)
	return shuffled[:rapid.IntRange(0, len(items)).Draw(w.T, label+": how many")]
}

func (w *world) word() string { return pick(w, "word", words...) }

func (w *world) phone() string { return pick(w, "phone", phones...) }

// fieldOf is a personal member that Connexie sent, sent as null, or left out (S8).
func fieldOf[T comparable](w *world, draw func() T) domain.Field[T] {
	if rapid.Bool().Draw(w.T, "absent") {
		return domain.Field[T]{}
	}
	return domain.Sent(draw())
}

func (w *world) birthDay() domain.Date {
	text := pick(w, "born", born...)
	if text == "" {
		return domain.Date{}
	}
	date, err := domain.ParseDate(text)
	require.NoError(w, err)
	return date
}

func (w *world) amount() decimal.NullDecimal {
	text := pick(w, "amount", amounts...)
	if text == "" {
		return decimal.NullDecimal{}
	}
	return decimal.NullDecimal{Decimal: decimal.MustParse(text), Valid: true}
}

// venue is one of Eitje's, or none.
func (w *world) venue() *string {
	if w.seldom("no venue") {
		return nil
	}
	id := pick(w, "venue", w.venues...)
	return &id
}
