package server

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// tokenTTL is how long a token is believed without asking the database again, and so how long a revoked one lives on
// at most. When the database is away, tokens that were good keep reading for tokenGrace.
const (
	tokenTTL      = 15 * time.Second
	tokenGrace    = time.Hour
	tokenPatience = 3 * time.Second
	tokensKept    = 10_000
)

// tokenCache remembers whose the tokens are.
type tokenCache struct {
	sync.Mutex
	find  func(context.Context, string) (plan.Principal, error)
	known map[string]knownToken
}

type knownToken struct {
	who   plan.Principal
	asked time.Time // when the database last said so
	tried time.Time // when it was last asked
}

func newTokenCache(find func(context.Context, string) (plan.Principal, error)) *tokenCache {
	return &tokenCache{find: find, known: map[string]knownToken{}}
}

func (t *tokenCache) principal(ctx context.Context, token string) (plan.Principal, error) {
	t.Lock()
	known, found := t.known[token]
	t.Unlock()
	if found && time.Since(known.tried) < tokenTTL {
		return known.who, nil
	}
	asking, cancel := context.WithTimeout(ctx, tokenPatience)
	defer cancel()
	who, err := t.find(asking, token)
	t.Lock()
	defer t.Unlock()
	switch {
	case err == nil:
		if len(t.known) >= tokensKept {
			clear(t.known)
		}
		t.known[token] = knownToken{who, time.Now(), time.Now()}
	case plan.CodeOf(err) == plan.Forbidden:
		delete(t.known, token)
	case found && time.Since(known.asked) < tokenGrace:
		known.tried = time.Now()
		t.known[token] = known
		return known.who, nil
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		err = plan.Because(err, plan.Unavailable, "Authorization", "the database does not answer, so the token can't be looked up; try again in a moment")
	}
	return who, err
}

// authenticate finds out who asks. No credentials is anonymous; wrong ones are refused even where none are needed.
func (s *Server) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		token := credentials(c)
		if token == "" {
			return next(c)
		}
		who, err := s.tokens.principal(c.Request().Context(), token)
		if err != nil {
			return err
		}
		c.Set("principal", who)
		return next(c)
	}
}

// credentials gives the token: as bearer, as the password of HTTP Basic, since QGIS can send only that, or in the address.
func credentials(c echo.Context) string {
	if _, password, ok := c.Request().BasicAuth(); ok {
		return password
	}
	scheme, token, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return keyOf(c)
}

const keyPath = "/key/"

// keyInPath takes a token that stands in the address, for programs that can send it in no other way: /key/TOKEN/wfs is
// /wfs with the token. What follows, the log too, sees the address without it.
func keyInPath(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if rest, keyed := strings.CutPrefix(r.URL.Path, keyPath); keyed {
			key, below, _ := strings.Cut(rest, "/")
			c.Set("key", key)
			r.URL.Path = "/" + below
			if raw, keyed := strings.CutPrefix(r.URL.RawPath, keyPath); keyed {
				_, below, _ = strings.Cut(raw, "/")
				r.URL.RawPath = "/" + below
			}
		}
		return next(c)
	}
}

// keyOf gives the token that stands in the address, or "".
func keyOf(c echo.Context) string {
	key, _ := c.Get("key").(string)
	return key
}

func principal(c echo.Context) plan.Principal {
	who, _ := c.Get("principal").(plan.Principal)
	return who
}

// need refuses roles that are too weak for the route.
func need(role plan.Role) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := allowed(c, role); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// allowed refuses who asks when the role is too weak.
func allowed(c echo.Context, role plan.Role) error {
	switch have := principal(c).Role; {
	case have.Allows(role):
		return nil
	case have == plan.Anonymous:
		return plan.Errorf(plan.Forbidden, "Authorization", "this needs a token with the role %s or higher", role)
	default:
		return plan.Errorf(plan.Forbidden, "Authorization", "this needs the role %s or higher; the token %q has the role %s",
			role, principal(c).Name, have)
	}
}

// view gives the picture that the one who asks may see: drafts need a token.
func (s *Server) view(c echo.Context) *atlas.View {
	view := s.atlas.View()
	if !principal(c).Role.Allows(plan.Viewer) {
		view = view.Published()
	}
	return view
}
