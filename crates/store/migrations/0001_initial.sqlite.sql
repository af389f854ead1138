-- Times are microseconds since 1970 in UTC, JSON is text, secrets are kept as SHA-256 hashes only.

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- The event log. AUTOINCREMENT: a pruned number must never be given to another event.
-- The recipient is a user's id, or 0 for everyone, -1 for those who asked for the scrapers' status, -2 for the servers.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    payload TEXT NOT NULL
);
CREATE INDEX events_by_recipient ON events (recipient, seq);

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('user', 'admin')),
    password_hash TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    preferences TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL UNIQUE,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('user', 'publish', 'admin')),
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    CHECK (scope <> 'user' OR user_id IS NOT NULL)
);
CREATE INDEX tokens_by_user ON tokens (user_id);

CREATE TABLE invites (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    invite_hash BLOB NOT NULL UNIQUE,
    created_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
    used_at BIGINT
);

-- The link's canonical form identifies a listing within its source.
-- price_units repeats the price for comparisons across currencies of different minor units; search_text is in lower case.
CREATE TABLE listings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    link_key TEXT NOT NULL,
    link TEXT NOT NULL,
    title TEXT NOT NULL,
    price_kind TEXT NOT NULL CHECK (price_kind IN ('amount', 'free', 'recurring', 'unstated')),
    price_minor BIGINT,
    price_units DOUBLE PRECISION,
    currency TEXT NOT NULL,
    negotiable BOOLEAN NOT NULL,
    location TEXT,
    image_url TEXT,
    description TEXT,
    external_id TEXT,
    created_at BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    search_text TEXT NOT NULL,
    UNIQUE (source, link_key)
);
CREATE INDEX listings_by_seen ON listings (seen_at);

CREATE TABLE price_history (
    id INTEGER PRIMARY KEY,
    listing_id BIGINT NOT NULL REFERENCES listings (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    price_kind TEXT NOT NULL CHECK (price_kind IN ('amount', 'free', 'recurring', 'unstated')),
    price_minor BIGINT,
    currency TEXT NOT NULL
);
CREATE INDEX price_history_by_listing ON price_history (listing_id, id);

-- What is left of a pruned listing, so that it is not new when it is posted again.
CREATE TABLE pruned_listings (
    source TEXT NOT NULL,
    link_key TEXT NOT NULL,
    id BIGINT NOT NULL,
    price_kind TEXT NOT NULL,
    price_minor BIGINT,
    currency TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (source, link_key)
);

CREATE TABLE notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    read_at BIGINT,
    seq BIGINT NOT NULL
);
CREATE INDEX notifications_by_user ON notifications (user_id, id);
CREATE INDEX notifications_unread ON notifications (user_id, id) WHERE read_at IS NULL;

CREATE TABLE scraper_status (
    source TEXT NOT NULL PRIMARY KEY,
    running BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Answers to requests that may be sent again; each commits together with the work that it answers.
CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);
