package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Latest gives the newest revision.
func (s *Store) Latest(ctx context.Context) (revision plan.Revision, err error) {
	err = s.pool.QueryRow(ctx, "SELECT coalesce(max(revision), 0) FROM revision").Scan(&revision)
	return revision, because(err)
}

// picture is a read-only transaction: everything read in it is of one revision.
type picture struct {
	tx       pgx.Tx
	revision plan.Revision
	layers   []plan.Layer
	numbers  map[string]int32 // partition by layer id, dropped layers included
}

// Picture opens a consistent view of the newest state. The caller closes it.
func (s *Store) Picture(ctx context.Context) (plan.Picture, error) {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, because(err)
	}
	p := &picture{tx: tx, numbers: map[string]int32{}}
	if err := p.open(ctx); err != nil {
		p.Close(ctx)
		return nil, because(err)
	}
	return p, nil
}

func (p *picture) open(ctx context.Context) error {
	if err := p.tx.QueryRow(ctx, "SELECT coalesce(max(revision), 0) FROM revision").Scan(&p.revision); err != nil {
		return err
	}
	rows, err := p.tx.Query(ctx, `
		SELECT l.id, l.partition, l.definition, l.revision, l.next_id, l.dropped, r.time
		FROM layer l JOIN revision r USING (revision) ORDER BY l.id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		layer, number, dropped, err := scanLayer(rows)
		if err != nil {
			return err
		}
		p.numbers[layer.ID] = number
		if !dropped {
			p.layers = append(p.layers, *layer)
		}
	}
	return rows.Err()
}

func scanLayer(row pgx.Row) (layer *plan.Layer, number int32, dropped bool, err error) {
	var id string
	var definition []byte
	var revision plan.Revision
	var nextID int64
	var changed time.Time
	if err := row.Scan(&id, &number, &definition, &revision, &nextID, &dropped, &changed); err != nil {
		return nil, 0, false, err
	}
	layer = new(plan.Layer)
	if err := json.Unmarshal(definition, layer); err != nil {
		return nil, 0, false, fmt.Errorf("the definition of layer %s: %w", id, err)
	}
	layer.ID, layer.Revision, layer.NextID, layer.Changed = id, revision, nextID, changed.UTC()
	return layer, number, dropped, nil
}

func (p *picture) Revision() plan.Revision { return p.revision }

func (p *picture) Layers() []plan.Layer { return p.layers }

func (p *picture) Close(ctx context.Context) {
	_ = p.tx.Rollback(context.WithoutCancel(ctx)) // read-only: there is nothing to lose
}

func (p *picture) Ended(ctx context.Context, layer string, since plan.Revision, yield func(id string) error) error {
	rows, err := p.tx.Query(ctx, fmt.Sprintf("SELECT DISTINCT id FROM feature_past_%d WHERE valid_to > $1", p.numbers[layer]), since)
	if err != nil {
		return because(err)
	}
	var id string
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error { return yield(id) })
	return because(err)
}

const columns = "id, valid_from, geom, props::text"

// order is plan.CompareIDs in SQL.
const order = ` ORDER BY octet_length(id), id`

func (p *picture) Features(ctx context.Context, layer *plan.Layer, since plan.Revision, yield func(*plan.Feature) error) error {
	table := fmt.Sprintf("feature_%d", p.numbers[layer.ID])
	if since == 0 {
		return p.copy(ctx, layer, "SELECT "+columns+" FROM "+table, yield)
	}
	return p.copy(ctx, layer, fmt.Sprintf("SELECT %s FROM %s WHERE valid_from > %d", columns, table, since), yield)
}

func (p *picture) FeaturesAt(ctx context.Context, layer *plan.Layer, at plan.Revision, yield func(*plan.Feature) error) error {
	number := p.numbers[layer.ID]
	return p.copy(ctx, layer, fmt.Sprintf(`
		SELECT %[1]s FROM (
			SELECT id, valid_from, geom, props FROM feature_%[2]d WHERE valid_from <= %[3]d
			UNION ALL
			SELECT id, valid_from, geom, props FROM feature_past_%[2]d WHERE valid_to > %[3]d AND valid_from <= %[3]d
		) AS was`+order, columns, number, at), yield)
}

// copy runs the query as COPY in binary format: no text form of numbers and geometries is made or read.
func (p *picture) copy(ctx context.Context, layer *plan.Layer, query string, yield func(*plan.Feature) error) error {
	reader := &featureReader{properties: newProperties(layer), yield: yield}
	reader.feature.Geometry.Type = layer.GeometryType
	rows := &copyRows{row: reader.read}
	if _, err := p.tx.Conn().PgConn().CopyTo(ctx, rows, "COPY ("+query+") TO STDOUT (FORMAT binary)"); err != nil {
		return because(err)
	}
	return because(rows.finish())
}

// featureReader makes features from tuples of columns, reusing one feature.
type featureReader struct {
	feature    plan.Feature
	properties *properties
	yield      func(*plan.Feature) error
}

func (r *featureReader) read(fields [][]byte) (err error) {
	if len(fields) != 4 || len(fields[1]) != 8 {
		return errCopy
	}
	f := &r.feature
	f.ID = string(fields[0])
	f.Since = plan.Revision(binary.BigEndian.Uint64(fields[1]))
	f.Geometry.Coords = f.Geometry.Coords[:0]
	if fields[2] != nil {
		if err := geo.ParseEWKB(fields[2], &f.Geometry); err != nil {
			return fmt.Errorf("feature %s: %w", f.ID, err)
		}
	}
	if f.Values, err = r.properties.read(fields[3]); err != nil {
		return fmt.Errorf("feature %s: %w", f.ID, err)
	}
	return r.yield(f)
}

func (p *picture) LayersAt(ctx context.Context, at plan.Revision) ([]string, error) {
	rows, err := p.tx.Query(ctx, `
		SELECT layer FROM (
			SELECT DISTINCT ON (layer) layer, definition FROM layer_past WHERE valid_from <= $1 ORDER BY layer, valid_from DESC
		) AS was WHERE definition IS NOT NULL`, at)
	if err != nil {
		return nil, because(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, because(err)
}

func (p *picture) LayerAt(ctx context.Context, layer string, at plan.Revision) (*plan.Layer, plan.Revision, error) {
	var definition []byte
	var revision, until plan.Revision
	var changed time.Time
	err := p.tx.QueryRow(ctx, `
		SELECT d.definition, r.revision, r.time,
			coalesce((SELECT min(n.revision) FROM revision_layer n WHERE n.layer = $1 AND n.revision > $2), 0)
		FROM layer_past d, revision_layer l JOIN revision r USING (revision)
		WHERE d.layer = $1 AND d.valid_from <= $2 AND l.layer = $1 AND l.revision <= $2
		ORDER BY d.valid_from DESC, l.revision DESC LIMIT 1`, layer, at).Scan(&definition, &revision, &changed, &until)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && definition == nil) {
		return nil, 0, plan.Errorf(plan.NotFound, layer, "there was no layer %q at revision %d", layer, at)
	}
	if err != nil {
		return nil, 0, because(err)
	}
	was := new(plan.Layer)
	if err := json.Unmarshal(definition, was); err != nil {
		return nil, 0, fmt.Errorf("the definition of layer %s: %w", layer, err)
	}
	was.ID, was.Revision, was.Changed = layer, revision, changed.UTC()
	return was, until, nil
}
