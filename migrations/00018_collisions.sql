-- +goose Up

-- Edits that wrote over what somebody else had written since their author read the feature, as plan.Collision; NULL
-- when there were none.
ALTER TABLE revision_layer ADD COLUMN collisions jsonb;

-- +goose Down
ALTER TABLE revision_layer DROP COLUMN collisions;
