package world

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// poolSize is what a plain program opens; the worker has its own pool.
const poolSize = 20

// Database is one of a world's databases: both schemas, Eitje's rows as the platform
// left them, nothing synchronised yet.
type Database struct {
	Name string
	URL  string
	Pool *pgxpool.Pool

	world *World
}

// settle leaves the template as a database that has been in use: counted by
// PostgreSQL, with nobody connected. Which profiles were there before any
// synchronisation is noted, so that those that are created can be told from them.
func (w *World) settle(ctx context.Context) error {
	pool, err := pgxpool.New(ctx, w.databaseURL(w.template))
	if err != nil {
		return err
	}
	defer pool.Close()
	for _, statement := range []string{
		`create schema bench`,
		`create table bench.seeded as select id from eitje.team_members`,
		`alter table bench.seeded add primary key (id)`,
		`vacuum (analyze)`,
	} {
		if _, err := pool.Exec(ctx, statement); err != nil {
			return fmt.Errorf("settle the template: %w", err)
		}
	}
	return nil
}

// Database makes another copy of the template; purpose is part of its name.
func (w *World) Database(ctx context.Context, purpose string) (*Database, error) {
	w.made++
	name := fmt.Sprintf("%s_%s_%d", w.template, purpose, w.made)
	if err := w.exec(ctx, `create database `+name+` template `+w.template); err != nil {
		return nil, err
	}
	url := w.databaseURL(name)
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = poolSize
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	// What making and filling left to write is no part of what is measured.
	return &Database{Name: name, URL: url, Pool: pool, world: w}, w.exec(ctx, `checkpoint`)
}

// Set sets a parameter of PostgreSQL for whoever connects from now on.
func (d *Database) Set(ctx context.Context, name, value string) error {
	return d.world.exec(ctx, `alter database `+d.Name+` set `+name+` = '`+value+`'`)
}

// Drop deletes the database, whoever is still connected.
func (d *Database) Drop(ctx context.Context) error {
	d.Pool.Close()
	return d.world.exec(ctx, `drop database if exists `+d.Name+` with (force)`)
}

func (w *World) exec(ctx context.Context, statement string) error {
	if _, err := w.admin.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func (w *World) databaseURL(name string) string {
	address := *w.server
	address.Path = "/" + name
	return address.String()
}
