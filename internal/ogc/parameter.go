package ogc

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// parameters reads query parameters and collects every fault, so that a client hears of all at once.
type parameters struct {
	values url.Values
	faults []plan.Finding
	names  []string // of the parameters at fault
}

// take gives the value of the parameter and whether it was sent. Twice the same one is a fault.
func (p *parameters) take(name string) (string, bool) {
	list, sent := p.values[name]
	if len(list) > 1 {
		p.fault(name, "is given %d times; give it once", len(list))
	}
	if len(list) == 0 {
		return "", sent
	}
	return list[0], true
}

// fault notes what is wrong with the parameter.
func (p *parameters) fault(name, format string, args ...any) {
	p.note("invalid_parameter", name, fmt.Sprintf("parameter %q ", clip(name))+fmt.Sprintf(format, args...))
}

func (p *parameters) note(rule, name, sentence string) {
	if !slices.Contains(p.names, clip(name)) {
		p.names = append(p.names, clip(name))
	}
	p.faults = append(p.faults, plan.Finding{Feature: -1, Rule: rule, Message: plan.Text{SV: sentence, EN: sentence}})
}

// refuse notes what a lower layer says of the parameter.
func (p *parameters) refuse(name string, err error) { p.fault(name, "is wrong: %s", err) }

// onlyKnown faults every parameter that is not among the known ones (Part 1, 7.5.1: 400).
func (p *parameters) onlyKnown(known []string) {
	var unknown []string
	for name := range p.values {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		p.note("unknown_parameter", name, fmt.Sprintf("there is no parameter %q here; known are %s", clip(name), strings.Join(known, ", ")))
	}
}

// format reads f, which wins over the Accept header; it must be one of the formats.
func (p *parameters) format(accept string, formats []Format) Format {
	text, sent := p.take("f")
	if !sent {
		return negotiate(accept, formats)
	}
	if slices.Contains(formats, Format(text)) {
		return Format(text)
	}
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = string(f)
	}
	p.fault("f", "is %q; use %s", clip(text), strings.Join(names, " or "))
	return JSON
}

// err gives all the faults as one error, or nil.
func (p *parameters) err() error {
	if len(p.faults) == 0 {
		return nil
	}
	sentences := make([]string, len(p.faults))
	for i, f := range p.faults {
		sentences[i] = f.Message.EN
	}
	return plan.Errorf(plan.Invalid, strings.Join(p.names, ", "), "%s", strings.Join(sentences, "; ")).WithFindings(p.faults...)
}

// clip keeps what a client sent from flooding or breaking a message.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strings.ToValidUTF8(s, "?")
}
