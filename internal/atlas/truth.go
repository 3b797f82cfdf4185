package atlas

// truth is what a condition gives: no, unknown or yes. Of several, AND is the least, OR the greatest and NOT the
// opposite, which is the logic of SQL (Kleene's).
type truth uint8

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// test is a compiled condition.
type test func(*frame) truth

func always(t truth) test { return func(*frame) truth { return t } }

func not(a test) test { return func(f *frame) truth { return yes - a(f) } }

func all(tests []test) test {
	return func(f *frame) truth {
		least := yes
		for _, t := range tests {
			if least = min(least, t(f)); least == no {
				break
			}
		}
		return least
	}
}

func some(tests []test) test {
	return func(f *frame) truth {
		most := no
		for _, t := range tests {
			if most = max(most, t(f)); most == yes {
				break
			}
		}
		return most
	}
}

// when makes a test of what can be told only when something is known.
func when(holds, known bool) truth {
	if !known {
		return unknown
	}
	return truthOf(holds)
}
