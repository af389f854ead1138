-- A token may have the scope `metrics`. SQLite cannot change a CHECK, so the table is made again. No other refers to it.
CREATE TABLE tokens_with_metrics (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('user', 'publish', 'metrics', 'admin')),
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    CHECK (scope <> 'user' OR user_id IS NOT NULL)
);
INSERT INTO tokens_with_metrics (id, name, scope, user_id, token_hash, prefix, created_at, last_used_at, revoked_at)
    SELECT id, name, scope, user_id, token_hash, prefix, created_at, last_used_at, revoked_at FROM tokens;
-- Numbers of tokens that are gone are not given out again.
DELETE FROM sqlite_sequence WHERE name = 'tokens_with_metrics';
INSERT INTO sqlite_sequence (name, seq) SELECT 'tokens_with_metrics', seq FROM sqlite_sequence WHERE name = 'tokens';
DROP TABLE tokens;
ALTER TABLE tokens_with_metrics RENAME TO tokens;
-- Those of a user are counted with each new one, and revoked ones may be many until they are pruned.
CREATE INDEX tokens_by_user ON tokens (user_id) WHERE revoked_at IS NULL;
