package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// VersionQuery asks for versions of one feature.
type VersionQuery struct {
	Layer, ID string
	Since     plan.Revision // those that held at this revision or later
	Before    plan.Revision // those that began before this one; 0: all
	Limit     int           // the newest so many
}

// Versions gives versions of a feature, oldest first; none when there never was such a feature.
func (s *Store) Versions(ctx context.Context, q VersionQuery) ([]plan.Version, error) {
	var number int32
	err := s.pool.QueryRow(ctx, "SELECT partition FROM layer WHERE id = $1", q.Layer).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, because(err)
	}
	rows, err := s.pool.Query(ctx, fmt.Sprintf(versionsOf, number), pgx.NamedArgs{"layer": q.Layer, "id": q.ID, "partition": number,
		"since": q.Since, "before": q.Before, "limit": q.Limit})
	if err != nil {
		return nil, because(err)
	}
	versions, err := pgx.CollectRows(rows, scanVersion)
	return versions, because(err)
}

// versionsOf takes the definition that held last while the version did: attributes that have come since it was written
// are null in it, as they were for who read it.
const versionsOf = `
	SELECT * FROM (
		SELECT v.id, v.valid_from, v.valid_to, ST_AsEWKB(v.geom), v.props::text, r.time, r.author, r.kind, r.note, (
			SELECT p.definition FROM layer_past p
			WHERE p.layer = @layer AND p.definition IS NOT NULL AND (v.valid_to = 0 OR p.valid_from < v.valid_to) ORDER BY p.valid_from DESC LIMIT 1), (
			SELECT jsonb_agg(c) FROM revision_layer l, jsonb_array_elements(CASE jsonb_typeof(l.collisions) WHEN 'array' THEN l.collisions END) c
			WHERE l.layer = @layer AND l.revision = v.valid_from AND c ->> 'id' = v.id)
		FROM (
			SELECT id, valid_from, 0 AS valid_to, geom, props FROM feature_%[1]d WHERE partition = @partition AND id = @id
			UNION ALL
			SELECT id, valid_from, valid_to, geom, props FROM feature_past_%[1]d WHERE partition = @partition AND id = @id AND valid_to > @since
		) v JOIN revision r ON r.revision = v.valid_from
		WHERE @before::bigint = 0 OR v.valid_from < @before ORDER BY v.valid_from DESC LIMIT @limit
	) newest ORDER BY valid_from`

func scanVersion(row pgx.CollectableRow) (v plan.Version, err error) {
	var shape, definition []byte
	var values string
	var made time.Time
	if err := row.Scan(&v.ID, &v.Since, &v.Until, &shape, &values, &made, &v.Author, &v.Kind, &v.Note, &definition, &v.Collisions); err != nil {
		return v, err
	}
	v.Time, v.Layer = made.UTC(), new(plan.Layer)
	if err := json.Unmarshal(definition, v.Layer); err != nil {
		return v, fmt.Errorf("the definition of the layer of feature %s: %w", v.ID, err)
	}
	v.Geometry.Type = v.Layer.GeometryType
	if shape != nil {
		if err := geo.ParseEWKB(shape, &v.Geometry); err != nil {
			return v, fmt.Errorf("feature %s: %w", v.ID, err)
		}
	}
	if v.Values, err = newProperties(v.Layer).read([]byte(values)); err != nil {
		return v, fmt.Errorf("feature %s: %w", v.ID, err)
	}
	return v, nil
}
