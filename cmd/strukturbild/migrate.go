package main

import (
	"context"
	"fmt"
)

type migrateCommand struct {
	database
	logging
}

func (m *migrateCommand) Run(ctx context.Context) error {
	_, close, err := m.open(ctx, m.logger())
	if err != nil {
		return err
	}
	fmt.Println("the database schema is up to date")
	return close()
}
