package sandbox

import (
	"cmp"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// quantityDecimals is how many decimals the contract allows.
const quantityDecimals = 4

var quantityForm = regexp.MustCompile(`^[0-9]+(\.[0-9]{1,4})?$`)

// parseQuantity reads a decimal of zero or more, as ten-thousandths: exact
// whatever its size, which no float is.
func parseQuantity(text string) (*big.Int, bool) {
	if !quantityForm.MatchString(text) {
		return nil, false
	}
	whole, decimals, _ := strings.Cut(text, ".")
	return new(big.Int).SetString(whole+decimals+strings.Repeat("0", quantityDecimals-len(decimals)), 10)
}

// formatQuantity writes two decimals, and more where they say something.
func formatQuantity(value *big.Int) string {
	digits := value.String()
	if short := quantityDecimals + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	whole, decimals := digits[:len(digits)-quantityDecimals], digits[len(digits)-quantityDecimals:]
	return whole + "." + decimals[:2] + strings.TrimRight(decimals[2:], "0")
}

// sums are quantities added up by code. Lines are above zero, so a code that
// is there has a sum.
type sums map[string]*big.Int

func (s sums) add(code string, value *big.Int) {
	if s[code] == nil {
		s[code] = new(big.Int)
	}
	s[code].Add(s[code], value)
}

func (s sums) addAll(others sums) {
	for code, value := range others {
		s.add(code, value)
	}
}

func (s sums) equal(others sums) bool {
	if len(s) != len(others) {
		return false
	}
	for code, value := range s {
		if other, found := others[code]; !found || other.Cmp(value) != 0 {
			return false
		}
	}
	return true
}

// totals are the sums in order of code.
func (s sums) totals() []CodeTotal {
	totals := make([]CodeTotal, 0, len(s))
	for code, value := range s {
		totals = append(totals, CodeTotal{Code: code, Quantity: formatQuantity(value)})
	}
	slices.SortFunc(totals, func(x, y CodeTotal) int { return cmp.Compare(x.Code, y.Code) })
	return totals
}
