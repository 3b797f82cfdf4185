package plan

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an Error is. The server maps each to one HTTP status.
type Code string

// The closed list of codes.
const (
	Invalid     Code = "invalid"     // the request or file is wrong and must be changed
	NotFound    Code = "not_found"   // what is named does not exist
	Exists      Code = "exists"      // what is to be made exists already
	Stale       Code = "stale"       // the state that the request builds on has moved on
	Locked      Code = "locked"      // somebody else has locked what is to be changed
	Forbidden   Code = "forbidden"   // the token's role does not allow it, or there is no token
	NotAllowed  Code = "not_allowed" // nobody may do that here: the resource can only be read
	Unsupported Code = "unsupported" // the body or the answer asked for is of a kind that is not dealt with here
	TooLarge    Code = "too_large"   // a stated limit is exceeded
	Unavailable Code = "unavailable" // the database or the atlas can't answer now; try again
	Internal    Code = "internal"    // a fault of ours
)

// Error is the one error that users see. Message is a full sentence: what is wrong, where, and what to do.
type Error struct {
	Code     Code
	Message  string
	Locator  string    // the parameter, JSON pointer, layer or header at fault; may be empty
	Findings []Finding // one entry a fault, for faults inside files and bodies
	cause    error
}

// Errorf makes an Error; a %w verb sets its cause.
func Errorf(code Code, locator, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Code: code, Locator: locator, Message: wrapped.Error(), cause: errors.Unwrap(wrapped)}
}

// Because makes an Error whose message hides its cause, which is for the log alone.
func Because(cause error, code Code, locator, message string) *Error {
	return &Error{Code: code, Locator: locator, Message: message, cause: cause}
}

func (e *Error) Error() string {
	if e.cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.cause.Error()
}

// Unwrap gives the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// WithFindings returns e carrying the findings.
func (e *Error) WithFindings(findings ...Finding) *Error {
	e.Findings = append(e.Findings, findings...)
	return e
}

// CodeOf gives the code of the outermost Error in err's chain, or Internal.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
