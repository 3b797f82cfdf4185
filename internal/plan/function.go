package plan

import "slices"

// Function is something that filters may compute. Of a null it gives null.
type Function struct {
	Name string
	Args []Kind
	Kind Kind // of the result
	Text Text // what it gives
}

// Functions lists them, by name.
var Functions = []Function{
	{"abs", []Kind{Number}, Number, Text{"Beloppet", "The absolute value"}},
	{"area", []Kind{GeometryKind}, Number, Text{"Ytan i kvadratmeter", "The area in square metres"}},
	{"ceil", []Kind{Number}, Number, Text{"Talet avrundat uppåt", "The number rounded up"}},
	{"char_length", []Kind{String}, Integer, Text{"Antalet tecken", "The number of characters"}},
	{"floor", []Kind{Number}, Number, Text{"Talet avrundat nedåt", "The number rounded down"}},
	{"length", []Kind{GeometryKind}, Number, Text{"Längden, eller omkretsen, i meter", "The length, or perimeter, in metres"}},
	{"lower", []Kind{String}, String, Text{"Texten med små bokstäver", "The text in lower case"}},
	{"upper", []Kind{String}, String, Text{"Texten med stora bokstäver", "The text in upper case"}},
}

// FunctionNamed finds a function.
func FunctionNamed(name string) (Function, bool) {
	i := slices.IndexFunc(Functions, func(f Function) bool { return f.Name == name })
	if i < 0 {
		return Function{}, false
	}
	return Functions[i], true
}
