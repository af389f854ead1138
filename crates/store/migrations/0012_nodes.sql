-- Processes that serve clients of this store: when each was last heard of, and who is connected to it, as JSON.
CREATE TABLE nodes (
    id BIGINT NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL,
    connected TEXT NOT NULL
);

-- Allowances that all processes share: when each is whole again.
CREATE TABLE meters (
    key TEXT NOT NULL PRIMARY KEY,
    full_at BIGINT NOT NULL
);
CREATE INDEX meters_by_age ON meters (full_at);
