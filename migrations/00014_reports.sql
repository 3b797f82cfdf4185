-- +goose Up

-- Frozen reports, and those on their way. body is the report as its reader sees it, but for its content: that is the
-- document itself, byte for byte as its hash counts it.
CREATE TABLE report (
    id      text PRIMARY KEY,
    number  bigint NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE, -- the order in which they came
    state   text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    public  boolean NOT NULL,
    body    jsonb NOT NULL,
    content bytea,
    errand  bigint,                              -- in river_job
    heard   timestamptz NOT NULL DEFAULT now(),  -- when its node last said that it is at it
    CHECK ((state = 'done') = (content IS NOT NULL))
);
CREATE INDEX report_running ON report (heard) WHERE state = 'running';

-- +goose StatementBegin
CREATE FUNCTION report_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'report % is frozen and can not change', OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER report_is_immutable BEFORE UPDATE ON report
    FOR EACH ROW WHEN (OLD.state = 'done') EXECUTE FUNCTION report_is_immutable();

-- +goose Down
DROP TABLE report;
DROP FUNCTION report_is_immutable;
