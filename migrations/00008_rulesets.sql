-- +goose Up

-- Versions of rulesets. What is published never changes: figures name the version that they come from.
CREATE TABLE ruleset (
    id           text NOT NULL COLLATE "C",
    version      int NOT NULL CHECK (version > 0),
    state        text NOT NULL CHECK (state IN ('draft', 'published', 'discarded')),
    body         jsonb NOT NULL,
    edit         bigint NOT NULL DEFAULT 1,
    created      timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed      timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by   text NOT NULL,
    published    timestamptz,
    published_by text,
    PRIMARY KEY (id, version),
    CHECK ((state = 'published') = (published IS NOT NULL))
);

-- The one version that answers count by when the question names none, and how often anything has changed: what nodes
-- ask for.
CREATE TABLE ruleset_current (
    the_one    boolean PRIMARY KEY DEFAULT true CHECK (the_one),
    id         text NOT NULL COLLATE "C",
    version    int NOT NULL,
    generation bigint NOT NULL DEFAULT 1,
    FOREIGN KEY (id, version) REFERENCES ruleset
);

-- +goose StatementBegin
CREATE FUNCTION ruleset_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ruleset % version % is published and can not change', OLD.id, OLD.version USING ERRCODE = 'integrity_constraint_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER ruleset_is_immutable BEFORE UPDATE OR DELETE ON ruleset
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION ruleset_is_immutable();

-- +goose Down
DROP TABLE ruleset_current, ruleset;
DROP FUNCTION ruleset_is_immutable;
