-- +goose Up

-- Locks outlive the service: they are here, for all nodes, and end by the database's clock. What has ended hinders nobody, and is
-- removed a day later: until then its owner is told that it has ended.
CREATE TABLE lock (
    id      text PRIMARY KEY,
    owner   text NOT NULL,
    lasting interval NOT NULL,
    until   timestamptz NOT NULL
);

CREATE TABLE locked_feature (
    layer   text NOT NULL,
    feature text NOT NULL,
    lock    text NOT NULL REFERENCES lock ON DELETE CASCADE,
    PRIMARY KEY (layer, feature, lock)
);
CREATE INDEX locked_feature_lock ON locked_feature (lock);

-- +goose Down
DROP TABLE locked_feature, lock;
