package domain

import "cmp"

// ActiveContract is the contract that counts on the day: of several that cover it
// the one with the latest start, then the highest id (S17). The second result is
// false where none covers it.
func ActiveContract(contracts []Contract, day Date) (Contract, bool) {
	return latest(contracts, func(c Contract) bool { return c.ActiveOn(day) })
}

// OverlapOn reports whether more than one contract covers the day (S17).
func OverlapOn(contracts []Contract, day Date) bool {
	covering := 0
	for _, contract := range contracts {
		if contract.ActiveOn(day) {
			covering++
		}
	}
	return covering > 1
}

// placingContract is the contract whose venues place a person: the active one,
// else the last that began, else the first that will. It keeps someone between
// two contracts at the venue where they worked.
func placingContract(contracts []Contract, day Date) (Contract, bool) {
	if active, ok := ActiveContract(contracts, day); ok {
		return active, true
	}
	if past, ok := latest(contracts, func(c Contract) bool { return c.Start.Before(day) }); ok {
		return past, true
	}
	var first Contract
	for i, contract := range contracts {
		if i == 0 || compareContracts(contract, first) < 0 {
			first = contract
		}
	}
	return first, len(contracts) > 0
}

func latest(contracts []Contract, wanted func(Contract) bool) (Contract, bool) {
	var (
		found Contract
		ok    bool
	)
	for _, contract := range contracts {
		if wanted(contract) && (!ok || compareContracts(contract, found) > 0) {
			found, ok = contract, true
		}
	}
	return found, ok
}

// compareContracts orders by start, then by id.
func compareContracts(a, b Contract) int {
	switch {
	case a.Start.Before(b.Start):
		return -1
	case b.Start.Before(a.Start):
		return 1
	}
	return cmp.Compare(a.ID, b.ID)
}

// whyNoActiveContract says in one word why no contract covers the day (S3).
func whyNoActiveContract(contracts []Contract, day Date) Reason {
	if len(contracts) == 0 {
		return ReasonNoContract
	}
	var past, future bool
	for _, contract := range contracts {
		if day.Before(contract.Start) {
			future = true
		} else {
			past = true
		}
	}
	switch {
	case past && future:
		return ReasonContractGap
	case future:
		return ReasonContractNotStarted
	}
	return ReasonContractEnded
}
