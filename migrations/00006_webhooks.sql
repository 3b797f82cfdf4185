-- +goose Up

-- Who is told of revisions. The secret signs what is sent, so it is kept as it is. Empty lists mean all.
CREATE TABLE webhook (
    id            text PRIMARY KEY,
    url           text NOT NULL,
    layers        text[] NOT NULL,
    kommuner      text[] NOT NULL,
    secret        bytea NOT NULL,
    owner         text NOT NULL,
    created       timestamptz NOT NULL DEFAULT now(),
    failing_since timestamptz,
    disabled      timestamptz,
    reason        text NOT NULL DEFAULT ''
);

-- What was sent and what became of it; without a revision it was a test. A row is made in the transaction of its
-- revision, so none is forgotten.
CREATE TABLE webhook_delivery (
    number    bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    id        text NOT NULL UNIQUE,
    webhook   text NOT NULL REFERENCES webhook ON DELETE CASCADE,
    revision  bigint REFERENCES revision,
    created   timestamptz NOT NULL DEFAULT now(),
    state     text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts  int NOT NULL DEFAULT 0,
    attempted timestamptz,
    status    int NOT NULL DEFAULT 0,
    error     text NOT NULL DEFAULT ''
);
CREATE INDEX webhook_delivery_webhook ON webhook_delivery (webhook, number);
CREATE INDEX webhook_delivery_created ON webhook_delivery (created);

-- +goose Down
DROP TABLE webhook_delivery, webhook;
