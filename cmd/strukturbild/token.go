package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"text/tabwriter"
	"time"

	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Create a token and print it, this once."`
	Revoke tokenRevoke `cmd:"" help:"Make a token useless."`
	List   tokenList   `cmd:"" help:"List the tokens' names and roles."`
}

type tokenCreate struct {
	database
	Role plan.Role `help:"What it may do: ${enum}." enum:"viewer,planner,officer,admin" required:""`
	Name string    `help:"Who it is for; revisions carry the name." required:""`
}

func (t *tokenCreate) Run(ctx context.Context) error {
	return t.withStore(ctx, func(st *store.Store) error {
		token, err := st.CreateToken(ctx, t.Name, t.Role)
		if err == nil {
			fmt.Println(token)
		}
		return err
	})
}

type tokenRevoke struct {
	database
	Name string `arg:"" help:"Name of the token."`
}

func (t *tokenRevoke) Run(ctx context.Context) error {
	return t.withStore(ctx, func(st *store.Store) error { return st.RevokeToken(ctx, t.Name) })
}

type tokenList struct{ database }

func (t *tokenList) Run(ctx context.Context) error {
	return t.withStore(ctx, func(st *store.Store) error {
		tokens, err := st.Tokens(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "NAME\tROLE\tCREATED\tREVOKED")
		for _, token := range tokens {
			revoked := ""
			if token.Revoked != nil {
				revoked = token.Revoked.Format(time.DateTime)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", token.Name, token.Role, token.Created.Format(time.DateTime), revoked)
		}
		return table.Flush()
	})
}

// withStore connects, runs the work and gives the database back.
func (d database) withStore(ctx context.Context, work func(*store.Store) error) error {
	st, close, err := d.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(work(st), close())
}
