-- +goose Up

-- Strukturbilder, as plan.Strukturbild with all their steps; the elements are features of three layers each. revision is
-- the one that wrote the row, and so tells who changed it meanwhile.
CREATE TABLE strukturbild (
	id       text PRIMARY KEY,
	body     jsonb NOT NULL,
	revision bigint NOT NULL REFERENCES revision
);

-- +goose Down
DROP TABLE strukturbild;
