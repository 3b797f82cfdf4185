-- +goose Up

-- Pulls can be cancelled: their errand in the queue is known.
ALTER TABLE source_pull DROP CONSTRAINT source_pull_state_check,
    ADD CONSTRAINT source_pull_state_check CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    ADD COLUMN errand bigint;

-- +goose Down
UPDATE source_pull SET state = 'failed', body = body || '{"state": "failed", "code": "stale", "error": "the pull was cancelled"}' WHERE state = 'cancelled';
ALTER TABLE source_pull DROP CONSTRAINT source_pull_state_check,
    ADD CONSTRAINT source_pull_state_check CHECK (state IN ('queued', 'running', 'done', 'failed')),
    DROP COLUMN errand;
