// Package store holds all SQL: revisions applied in one transaction each, features copied in and out, tokens, jobs.
//
// A change set becomes the next revision under one advisory lock, so revision numbers are in the order of commit. Old
// feature versions move to feature_past; the tables of current features hold nothing else. Bulk goes through COPY.
//
// Arrow: store -> geo -> plan. No other package imports pgx.
package store
