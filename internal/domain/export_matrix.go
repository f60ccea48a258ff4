package domain

// exportMatrix is what goes out under which type of contract (X3): twelve cells.
var exportMatrix = map[ContractType]map[LineKind]bool{
	Flex:         {LineHours: true, LineMeal: true, LineAllowance: true},
	FixedHours:   {LineHours: false, LineMeal: true, LineAllowance: true},
	SelfEmployed: {LineHours: false, LineMeal: false, LineAllowance: false},
	Payroll:      {LineHours: false, LineMeal: false, LineAllowance: false},
}

// MayExport reports whether a line of the kind goes out under a contract of the type
// (X3). Under an unknown type nothing does.
func MayExport(t ContractType, k LineKind) bool { return exportMatrix[t][k] }
