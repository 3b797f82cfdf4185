-- +goose Up

-- Every change is a revision. Numbers are given under one lock, so they are in the order of commit and have no holes.
CREATE TABLE revision (
    revision bigint PRIMARY KEY,
    time     timestamptz NOT NULL DEFAULT clock_timestamp(),
    author   text NOT NULL,
    kind     text NOT NULL,
    note     text NOT NULL
);

-- What each revision did to each layer.
CREATE TABLE revision_layer (
    revision bigint NOT NULL REFERENCES revision,
    layer    text NOT NULL COLLATE "C",
    added    int NOT NULL,
    changed  int NOT NULL,
    removed  int NOT NULL,
    defined  boolean NOT NULL,
    PRIMARY KEY (layer, revision)
);
CREATE INDEX revision_layer_revision ON revision_layer (revision);

-- The current layers. partition numbers the pair of tables that hold the features.
CREATE TABLE layer (
    id         text PRIMARY KEY COLLATE "C",
    partition  int NOT NULL UNIQUE GENERATED ALWAYS AS IDENTITY,
    definition jsonb NOT NULL,
    revision   bigint NOT NULL REFERENCES revision,
    next_id    bigint NOT NULL DEFAULT 1,
    dropped    boolean NOT NULL DEFAULT false
);

-- Every definition that a layer has had, from the revision on; NULL: the layer was dropped.
CREATE TABLE layer_past (
    layer      text NOT NULL COLLATE "C",
    valid_from bigint NOT NULL REFERENCES revision,
    definition jsonb,
    PRIMARY KEY (layer, valid_from)
);

-- Features as they are now: one partition a layer, so that a layer of millions is read by one sequential scan and
-- loaded by one COPY, whatever the others hold.
CREATE TABLE feature (
    partition  int NOT NULL,
    id         text NOT NULL COLLATE "C",
    valid_from bigint NOT NULL,
    geom       geometry(Geometry, 3006),
    props      jsonb NOT NULL,
    PRIMARY KEY (partition, id)
) PARTITION BY LIST (partition);
-- What has changed since a revision: the question of every node after every change.
CREATE INDEX feature_valid_from ON feature (valid_from);

-- Feature versions that have ended. Nothing but history reads them, and never without a bound on valid_to.
CREATE TABLE feature_past (
    partition  int NOT NULL,
    id         text NOT NULL COLLATE "C",
    valid_from bigint NOT NULL,
    valid_to   bigint NOT NULL,
    geom       geometry(Geometry, 3006),
    props      jsonb NOT NULL,
    PRIMARY KEY (partition, id, valid_from),
    CHECK (valid_from < valid_to)
) PARTITION BY LIST (partition);
CREATE INDEX feature_past_valid_to ON feature_past (valid_to);

-- A write that is repeated with the same key is the same revision.
CREATE TABLE idempotency (
    author      text NOT NULL,
    key         text NOT NULL,
    fingerprint text NOT NULL,
    revision    bigint NOT NULL REFERENCES revision,
    result      bytea NOT NULL,
    created     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (author, key)
);

-- +goose Down
DROP TABLE idempotency, feature_past, feature, layer_past, layer, revision_layer, revision;
