package conflict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// frameWith gives a frame with the values by the variables' names.
func (c *compiler) frameWith(values map[string]plan.Value) *frame {
	f := &frame{}
	for i := range c.vars {
		f.values = append(f.values, values[c.vars[i].String()])
	}
	return f
}

var turbine = map[string]plan.Value{"claim.h": plan.NumberValue(250), "claim.d": plan.NumberValue(150), "claim.n": plan.IntegerValue(3),
	"interest.kind": plan.TextValue("rail"), "interest.v": plan.NumberValue(0), "interest.open": plan.BooleanValue(true), "interest.day": plan.TextValue("1980-01-01")}

func TestDistances(t *testing.T) {
	for source, want := range map[string]string{
		`max(claim.h, 50)`:                         "250",
		`1.5 * (claim.d + claim.h)`:                "600",
		`claim.x ?? 80`:                            "80",
		`max(claim.h ?? 80, 50) + 20`:              "270",
		`claim.d >= 100 ? 250 : claim.d / 2 + 200`: "250",
		`-(-claim.n) % 2`:                          "1",
		`round(abs(1.4 - 2)) + floor(1.9) + ceil(0.1) + min(3, claim.n, 9)`: "6",
		`interest.kind == "rail" and claim.h > 200 ? 5 : 6`:                 "5",
		`interest.kind in ["road", "rail"] ? 1 : 2`:                         "1",
		`claim.n in [1, 3] ? 1 : 2`:                                         "1",
		`lower(interest.kind) startsWith "ra" and not false ? 1 : 2`:        "1",
		`interest.missing == "a" ? 1 : 2`:                                   "2",
		`interest.missing != "a" ? 1 : 2`:                                   "1",
		`interest.missing == nil ? 1 : 2`:                                   "1",
		`interest.open ? 1 : 2`:                                             "1",
		`interest.day < "1975-06-30" ? 1 : 2`:                               "2",
		`interest.open == true or interest.missing > 3 ? 1 : 2`:             "1",
		`interest.missing > 3 ? 1 : 2`:                                      "interest.missing is missing",
		`claim.x + 1`:                                                       "claim.x is missing",
		`100 / interest.v`:                                                  "division by zero in 100 / interest.v (column 5)",
		`100 % interest.v`:                                                  "division by zero in 100 % interest.v (column 5)",
		`0 - claim.h`:                                                       "the distance 0 - claim.h is negative: -250 m",
		`claim.h * 1000`:                                                    "the distance claim.h * 1000 is 250000 m, more than the 50000 m that a rule may reach",
		`1e308 * 10 * claim.n`:                                              "the distance 1e308 * 10 * claim.n is +Inf",
		`(1e308 * 10 - 1e308 * 10) * claim.n`:                               "the distance (1e308 * 10 - 1e308 * 10) * claim.n is NaN",
	} {
		c := &compiler{it: sizeRole}
		e := c.number("/distance", source)
		if len(c.faults) > 0 {
			t.Errorf("%s: %v", source, c.faults)
			continue
		}
		metres, reason := e.distance(c.frameWith(turbine))
		got := fmt.Sprint(metres)
		if reason != "" {
			got = reason
		}
		if got != want {
			t.Errorf("%s gives %s, want %s", source, got, want)
		}
	}
}

func TestExpressionFaultsNameTheirColumn(t *testing.T) {
	for source, want := range map[string]string{
		``:                            "the expression is empty",
		`max(claim.h, `:               "column 13",
		`claim.h +* 2`:                "column 10",
		`height * 2`:                  `column 1: there is no "height"`,
		`claim.h * "a"`:               "column 11: there must be a number here",
		`claim.h and true`:            "column 9: there must be a number here",
		`sqrt(claim.h)`:               "column 1",
		`map([1], # * 2)`:             "column 1: the function map is not one of",
		`let a = 1; a`:                "column 5",
		`claim.h == interest.h ? 1:2`: "column 9: can't tell",
		`claim.h == 1 ? claim.h == "a" ? 1 : 2 : 3`: "is taken as text here, and as number elsewhere",
		`(1 + 2) ?? 3`:                      "column 4: ?? gives an attribute a default",
		`claim["h"].x`:                      "names no attribute",
		`interest.kind in "a" ? 1 : 2`:      "in takes a list of constants",
		`interest.kind in ["a", 1] ? 1 : 2`: "column 24: the list must hold only texts or only numbers",
		`distance_m + 1`:                    `column 1: there is no "distance_m"`,
		strings.Repeat("1+", 300) + "1":     "at most 500",
		strings.Repeat("1+", 120) + "1":     "maximum allowed nodes",
	} {
		c := &compiler{it: sizeRole}
		c.number("/distance", source)
		if len(c.faults) == 0 || !strings.Contains(c.faults[0].message.EN, want) {
			t.Errorf("%.40s: %v does not say %q", source, c.faults, want)
		}
	}
}

// TestBoundsHold: no value of an expression lies outside the bounds that the bounds of its attributes give.
func TestBoundsHold(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 0))
	attributes := []string{"claim.a", "interest.b", "interest.c"}
	var build func(depth int) string
	build = func(depth int) string {
		if depth == 0 || r.IntN(5) == 0 {
			return []string{"claim.a", "interest.b", "interest.c", "2.5", "7", "(interest.b ?? 3)"}[r.IntN(6)]
		}
		x, y := build(depth-1), build(depth-1)
		return []string{"(" + x + " + " + y + ")", "(" + x + " - " + y + ")", "(" + x + " * " + y + ")", "(" + x + " / " + y + ")",
			"max(" + x + ", " + y + ")", "min(" + x + ", " + y + ")", "abs(" + x + ")", "floor(" + x + ")", "(-" + x + ")",
			"(interest.b > 2 ? " + x + " : " + y + ")"}[r.IntN(10)]
	}
	tight := 0
	for range 3000 {
		c := &compiler{it: sizeRole}
		e := c.number("", build(3))
		if len(c.faults) > 0 {
			continue // too long
		}
		limits := map[string]bracket{}
		for _, name := range attributes {
			limits[name] = bracketOf(math.Round(20*r.Float64()-10), 20*r.Float64()-10)
		}
		var spans []bracket
		for i := range c.vars {
			spans = append(spans, limits[c.vars[i].String()])
		}
		bounds := e.number.bounds(spans)
		for range 30 {
			values := map[string]plan.Value{}
			for name, l := range limits {
				if r.IntN(8) > 0 {
					values[name] = plan.NumberValue([]float64{l.lo, l.hi, l.lo + r.Float64()*(l.hi-l.lo)}[r.IntN(3)])
				}
			}
			got, known := e.number.value(c.frameWith(values))
			if known && !math.IsNaN(got) && (got < bounds.lo || got > bounds.hi) {
				t.Fatalf("%s is %v with %v, outside %v", e.source, got, values, bounds)
			}
			if known && got == bounds.hi {
				tight++
			}
		}
	}
	if tight < 1000 {
		t.Errorf("the bound is reached only %d times: it says little", tight)
	}
}

// FuzzExpression: whatever is written, it compiles or is refused, and what compiles can be evaluated.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{`max(claim.h ?? 200, 50)`, `interest.kind in ["a"] and claim?.x != nil`, `1/0`, `(interest?.lagrum ?? "") contains "4 kap. 3 §"`,
		`claim.h >= 100 ? 1.5 * claim.d : interest.v % 2`, `lower(interest.kind) == "x" or distance_m < 5`, `a.b.c[1:2]|x`, "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		c := &compiler{it: claimRole, sizes: true}
		condition, number := c.condition("/when", source), (*expression)(nil)
		if len(c.faults) == 0 {
			condition.holds(c.frameWith(turbine))
			condition.holds(c.frameWith(nil))
		}
		c = &compiler{it: claimRole, sizes: true}
		if number = c.number("/distance", source); len(c.faults) > 0 {
			return
		}
		for _, values := range []map[string]plan.Value{turbine, nil} {
			if metres, reason := number.distance(c.frameWith(values)); reason == "" && !(metres >= 0 && metres <= MaxDistanceM) {
				t.Errorf("%s gives %v", source, metres)
			}
		}
		number.number.bounds(make([]bracket, len(c.vars)))
	})
}

// BenchmarkExpression is what one feature costs.
func BenchmarkExpression(b *testing.B) {
	c := &compiler{it: sizeRole}
	e := c.number("", `max((claim.d ?? 150) >= 100 ? 250 : (claim.d ?? 150) / 2 + 200, (claim.h ?? 200) + 10)`)
	f := c.frameWith(turbine)
	b.ReportAllocs()
	for b.Loop() {
		if _, reason := e.distance(f); reason != "" {
			b.Fatal(reason)
		}
	}
}
