package wfs

import (
	"errors"
	"strings"

	"strukturbild/internal/plan"
)

// Exception is a code of the standards' (OGC 06-121r3, table 25; 09-025r2, table 3).
type Exception string

// The exceptions.
const (
	InvalidParameterValue     Exception = "InvalidParameterValue"
	MissingParameterValue     Exception = "MissingParameterValue"
	OperationNotSupported     Exception = "OperationNotSupported"
	OptionNotSupported        Exception = "OptionNotSupported"
	VersionNegotiationFailed  Exception = "VersionNegotiationFailed"
	OperationParsingFailed    Exception = "OperationParsingFailed"
	OperationProcessingFailed Exception = "OperationProcessingFailed"
	NotFound                  Exception = "NotFound"
	NoApplicableCode          Exception = "NoApplicableCode"
)

// Fault is an error with the code that the standard has for it.
type Fault struct {
	Exception Exception
	cause     *plan.Error
}

func (f *Fault) Error() string { return f.cause.Error() }

// Unwrap gives the plan.Error.
func (f *Fault) Unwrap() error { return f.cause }

func faultf(exception Exception, locator, format string, args ...any) error {
	code := plan.Invalid
	if exception == NotFound {
		code = plan.NotFound
	}
	return &Fault{exception, plan.Errorf(code, locator, format, args...)}
}

// as gives what a lower layer refuses the code and the place that the standard has for it; other errors stay.
func as(exception Exception, locator string, err error) error {
	if err == nil {
		return nil
	}
	known, isKnown := errors.AsType[*plan.Error](err)
	if !isKnown || known.Code != plan.Invalid && known.Code != plan.NotFound {
		return err
	}
	return &Fault{exception, plan.Errorf(plan.Invalid, locator, "%s", known.Message).WithFindings(known.Findings...)}
}

// ExceptionOf gives the code of an error that is answered with a plan.Code.
func ExceptionOf(err error, code plan.Code) Exception {
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault.Exception
	}
	switch code {
	case plan.Invalid, plan.NotFound:
		return InvalidParameterValue
	case plan.Exists, plan.Stale, plan.TooLarge:
		return OperationProcessingFailed
	}
	return NoApplicableCode
}

// clip keeps what a client sent from flooding or breaking a message.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strings.ToValidUTF8(s, "?")
}

// FilterFault gives what does not fit a layer the place that the standard has for it.
func FilterFault(err error) error { return as(InvalidParameterValue, "filter", err) }

// NoFeature is the fault of a request for one feature that is not there.
func NoFeature(id string) error {
	return faultf(NotFound, "id", "there is no feature with the id %q", clip(id))
}

// OneLayerAFile is the fault of a request for several layers in what holds one.
func OneLayerAFile(format string) error {
	return faultf(OptionNotSupported, "outputFormat", "%s holds one layer; ask for one after the other, or for GML", clip(format))
}

// OnlyGML32 is the fault of a request for values in another form.
func OnlyGML32(format string) error {
	return faultf(InvalidParameterValue, "outputFormat", "values are written as %s only, not as %q", V200.gml().Media, clip(format))
}
