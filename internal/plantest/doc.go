// Package plantest makes random features and filters for tests, and says in PostGIS's SQL what a filter means: the oracle
// of whatever evaluates it. Only tests import it.
package plantest
