-- A token may have the scope `metrics`.
ALTER TABLE tokens DROP CONSTRAINT tokens_scope_check;
ALTER TABLE tokens ADD CONSTRAINT tokens_scope_check CHECK (scope IN ('user', 'publish', 'metrics', 'admin'));
-- Those of a user are counted with each new one, and revoked ones may be many until they are pruned.
DROP INDEX tokens_by_user;
CREATE INDEX tokens_by_user ON tokens (user_id) WHERE revoked_at IS NULL;
