-- A token may have the scope `metrics`.
ALTER TABLE tokens DROP CONSTRAINT tokens_scope_check;
ALTER TABLE tokens ADD CONSTRAINT tokens_scope_check CHECK (scope IN ('user', 'publish', 'metrics', 'admin'));
