-- +goose Up

-- The attempts to get official sources into their layers.
CREATE TABLE source_pull (
    id     text PRIMARY KEY,
    source text NOT NULL,
    state  text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    body   jsonb NOT NULL,
    began  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX source_pull_began ON source_pull (source, began DESC);
-- One at a time.
CREATE UNIQUE INDEX source_pull_open ON source_pull (source) WHERE state IN ('queued', 'running');

-- +goose Down
DROP TABLE source_pull;
