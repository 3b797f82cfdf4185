-- +goose Up

-- What an upload was made from: file name, SHA-256, bytes, mode.
ALTER TABLE revision ADD COLUMN source jsonb;
CREATE INDEX revision_time ON revision (time);
CREATE INDEX revision_author ON revision (author, revision);

-- In which municipalities something was added, changed or removed; NULL for revisions made before this was noted.
-- published: the layer was open to everyone after the revision.
ALTER TABLE revision_layer ADD COLUMN kommuner text[] COLLATE "C", ADD COLUMN published boolean NOT NULL DEFAULT false;
UPDATE revision_layer l SET published = coalesce((
    SELECT p.definition ->> 'status' = 'published' FROM layer_past p
    WHERE p.layer = l.layer AND p.valid_from <= l.revision ORDER BY p.valid_from DESC LIMIT 1), false);
CREATE INDEX revision_layer_kommuner ON revision_layer USING gin (kommuner);

-- +goose Down
DROP INDEX revision_layer_kommuner;
ALTER TABLE revision_layer DROP COLUMN published, DROP COLUMN kommuner;
DROP INDEX revision_author;
DROP INDEX revision_time;
ALTER TABLE revision DROP COLUMN source;
