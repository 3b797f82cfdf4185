-- +goose Up

-- Tokens are kept as SHA-256: they are 256 random bits, so nothing slower is needed and nothing can be read back.
CREATE TABLE token (
    name    text PRIMARY KEY,
    role    text NOT NULL CHECK (role IN ('viewer', 'planner', 'officer', 'admin')),
    hash    bytea NOT NULL UNIQUE,
    created timestamptz NOT NULL DEFAULT now(),
    revoked timestamptz
);

-- What became of each upload: the outcome that its sender was told.
CREATE TABLE job (
    id       text PRIMARY KEY,
    layer    text NOT NULL,
    author   text NOT NULL,
    state    text NOT NULL CHECK (state IN ('done', 'failed')),
    body     jsonb NOT NULL,
    finished timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX job_finished ON job (finished);

-- +goose Down
DROP TABLE job, token;
