package server

import (
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/plan"
)

// recoverPanic turns a panic in a handler into an internal error, so that one request can't end the service.
func recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			fault := recover()
			if fault == http.ErrAbortHandler {
				panic(fault) // meant: net/http breaks the connection off
			}
			if fault != nil {
				err = plan.Because(fmt.Errorf("panic: %v\n%s", fault, debug.Stack()), plan.Internal, "", "")
			}
		}()
		return next(c)
	}
}
