package wfs

import (
	"errors"
	"fmt"
	"strings"

	"strukturbild/internal/ogc"
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

	// Of operations that write (09-025r2, table 3).
	InvalidValue          Exception = "InvalidValue"
	InvalidLockID         Exception = "InvalidLockId"
	LockHasExpired        Exception = "LockHasExpired"
	CannotLockAllFeatures Exception = "CannotLockAllFeatures"
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

// recoded gives an error of a lower layer the exception that it is here; its code stays.
func recoded(exception Exception, err error) error {
	if known, is := errors.AsType[*plan.Error](err); is {
		return &Fault{exception, known}
	}
	return err
}

// restated gives an error of a lower layer another code as well, by which the standard's status follows.
func restated(exception Exception, code plan.Code, err error) error {
	if known, is := errors.AsType[*plan.Error](err); is {
		return &Fault{exception, plan.Errorf(code, known.Locator, "%s", known.Message)}
	}
	return err
}

// Together makes one fault of several: the first, telling of the others too. None is nil.
func Together(faults []error) error {
	if len(faults) < 2 {
		return errors.Join(faults...)
	}
	first, is := errors.AsType[*Fault](faults[0])
	if !is {
		return faults[0]
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%d actions are refused, and nothing was written", len(faults))
	for _, fault := range faults {
		fmt.Fprintf(&text, "\n%v", fault)
	}
	return &Fault{first.Exception, plan.Errorf(first.cause.Code, first.cause.Locator, "%s", text.String())}
}

// ValueFault is the fault of values that do not fit the layer (09-025r2, table 3): its text is what was found, its place the first property.
func ValueFault(err error) error {
	known, is := errors.AsType[*plan.Error](err)
	if !is || known.Code != plan.Invalid {
		return err
	}
	if len(known.Findings) == 0 {
		return recoded(InvalidValue, err)
	}
	texts := make([]string, len(known.Findings))
	for i, finding := range known.Findings {
		texts[i] = finding.Message.EN
	}
	return faultf(InvalidValue, propertyAt(known.Findings[0].Pointer), "%s", strings.Join(texts, " "))
}

// propertyAt gives the property that a JSON pointer leads to or into.
func propertyAt(pointer string) string {
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if len(steps) > 1 && steps[0] == "properties" {
		return steps[1]
	}
	return steps[0]
}

// Gone is the fault of an action on a feature that is not there.
func Gone(layer, id string) error {
	return faultf(OperationProcessingFailed, "filter", "layer %q has no feature %q, or not any more", layer, clip(id))
}

// NoSuchType is the fault of a feature to be kept of a type that no layer has.
func NoSuchType(name string) error {
	return faultf(InvalidValue, clip(name), "there is no layer %q", clip(name))
}

// ReadOnly is the fault of an action on a layer that nobody can write to.
func ReadOnly(layer string) error {
	return faultf(InvalidParameterValue, "typeName", "the layer %q follows from others: it can be read, but not changed", clip(layer))
}

// ExceptionOf gives the code of an error that is answered with a plan.Code.
func ExceptionOf(err error, code plan.Code) Exception {
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault.Exception
	}
	switch code {
	case plan.Invalid, plan.NotFound:
		return InvalidParameterValue
	case plan.Exists, plan.Stale, plan.TooLarge, plan.Locked:
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
func FilterFault(err error) error {
	if errors.Is(err, ogc.ErrUnordered) {
		return as(OperationProcessingFailed, "filter", err) // OGC 09-025r2, 7.5: the filter was understood
	}
	return as(InvalidParameterValue, "filter", err)
}

// OtherType is the fault of a query for features of one layer by the id of one of another (OGC 09-025r2, 7.9.2.4.1).
func OtherType(version Version, id, layer string) error {
	locator := "RESOURCEID"
	if version != V200 {
		locator = "FEATUREID"
	}
	return faultf(InvalidParameterValue, locator, "the feature %q is of another layer than %q, which is asked for", clip(id), layer)
}

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
