-- +goose Up

-- Coordinates in binary do not compress; that a long one is tried in vain was a third of what writing a feature costs
-- the database. Versions that are there already stay as they are.
ALTER TABLE feature ALTER COLUMN geom SET STORAGE EXTERNAL;
ALTER TABLE feature_past ALTER COLUMN geom SET STORAGE EXTERNAL;

-- +goose Down
ALTER TABLE feature ALTER COLUMN geom SET STORAGE MAIN;
ALTER TABLE feature_past ALTER COLUMN geom SET STORAGE MAIN;
