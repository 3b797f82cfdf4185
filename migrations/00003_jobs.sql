-- +goose Up

-- An upload is a job from the moment when its file has arrived. The file lies with the node that took it, so that node
-- does the work; body is the job as its sender sees it, upload what was asked for.
ALTER TABLE job
    DROP CONSTRAINT job_state_check,
    ADD CONSTRAINT job_state_check CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    ALTER finished DROP NOT NULL,
    ALTER finished DROP DEFAULT,
    ADD number      bigint NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE, -- the order in which they came
    ADD version     bigint NOT NULL DEFAULT 1,                           -- counts the changes of the row
    ADD node        text NOT NULL DEFAULT '',
    ADD upload      jsonb NOT NULL DEFAULT '{}',
    ADD key         text,                                                -- the sender's idempotency key
    ADD fingerprint text NOT NULL DEFAULT '',
    ADD errand      bigint,                                              -- in river_job
    ADD heard       timestamptz NOT NULL DEFAULT now();                  -- when its node last said that it is at it

-- A repeated request is the same job.
CREATE UNIQUE INDEX job_key ON job (author, key) WHERE key IS NOT NULL;
-- One writer a layer.
CREATE UNIQUE INDEX job_running ON job (layer) WHERE state = 'running';
CREATE INDEX job_waiting ON job (layer, number) WHERE state = 'queued';

-- All that was found in a file, up to a stated number.
CREATE TABLE job_finding (
    job     text NOT NULL REFERENCES job ON DELETE CASCADE,
    number  int NOT NULL,
    finding json NOT NULL, -- not jsonb, which could not hold a NUL character
    PRIMARY KEY (job, number)
);

-- +goose Down
DROP TABLE job_finding;
DROP INDEX job_key, job_running, job_waiting;
ALTER TABLE job DROP number, DROP version, DROP node, DROP upload, DROP key, DROP fingerprint, DROP errand, DROP heard;
