package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/plan"
)

// TokenRecord describes a token; the token itself can't be read back.
type TokenRecord struct {
	Name    string     `json:"name"`
	Role    plan.Role  `json:"role"`
	Created time.Time  `json:"created"`
	Revoked *time.Time `json:"revoked,omitempty"`
}

// tokenPrefix lets secret scanners and people recognise a leaked token.
const tokenPrefix = "strb_"

// CreateToken makes a token for the name, which is written as the author of what the token does. It is shown once.
func (s *Store) CreateToken(ctx context.Context, name string, role plan.Role) (token string, err error) {
	if name == "" || !role.Allows(plan.Viewer) {
		return "", plan.Errorf(plan.Invalid, "role", "a token needs a name and one of the roles %v", plan.Roles)
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	token = tokenPrefix + base64.RawURLEncoding.EncodeToString(secret)
	hash := sha256.Sum256([]byte(token))
	done, err := s.pool.Exec(ctx, "INSERT INTO token (name, role, hash) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
		name, role, hash[:])
	if err != nil {
		return "", because(err)
	}
	if done.RowsAffected() == 0 {
		return "", plan.Errorf(plan.Exists, "name", "there is a token named %q already; names stay taken after revoking, because revisions carry them", name)
	}
	return token, nil
}

// RevokeToken makes the token useless from now on.
func (s *Store) RevokeToken(ctx context.Context, name string) error {
	done, err := s.pool.Exec(ctx, "UPDATE token SET revoked = now() WHERE name = $1 AND revoked IS NULL", name)
	if err != nil {
		return because(err)
	}
	if done.RowsAffected() == 0 {
		return plan.Errorf(plan.NotFound, "name", "there is no token named %q that is in force", name)
	}
	return nil
}

// Tokens lists all tokens by name.
func (s *Store) Tokens(ctx context.Context) ([]TokenRecord, error) {
	rows, err := s.pool.Query(ctx, "SELECT name, role, created, revoked FROM token ORDER BY name")
	if err != nil {
		return nil, because(err)
	}
	records, err := pgx.CollectRows(rows, pgx.RowToStructByPos[TokenRecord])
	return records, because(err)
}

// Principal gives whose token it is, or Forbidden.
func (s *Store) Principal(ctx context.Context, token string) (who plan.Principal, err error) {
	hash := sha256.Sum256([]byte(token))
	err = s.pool.QueryRow(ctx, "SELECT name, role FROM token WHERE hash = $1 AND revoked IS NULL", hash[:]).Scan(&who.Name, &who.Role)
	if errors.Is(err, pgx.ErrNoRows) {
		return who, plan.Errorf(plan.Forbidden, "Authorization", "the token is not valid: it is mistyped, or was revoked")
	}
	return who, because(err)
}
