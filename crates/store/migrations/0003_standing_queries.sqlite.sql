-- Price points are numbered in the order of all changes, and no number is ever used again: what is new for a standing
-- query is told by comparing them.
CREATE TABLE price_points (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    listing_id BIGINT NOT NULL REFERENCES listings (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    price_kind TEXT NOT NULL CHECK (price_kind IN ('amount', 'free', 'recurring', 'unstated')),
    price_minor BIGINT,
    currency TEXT NOT NULL
);
INSERT INTO price_points (id, listing_id, at, price_kind, price_minor, currency)
    SELECT id, listing_id, at, price_kind, price_minor, currency FROM price_history;
DROP TABLE price_history;
ALTER TABLE price_points RENAME TO price_history;
CREATE INDEX price_history_by_listing ON price_history (listing_id, id);

-- The price point that a listing was first seen with; 0 for those that were there before there were standing queries.
ALTER TABLE listings ADD COLUMN first_point BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pruned_listings ADD COLUMN first_point BIGINT NOT NULL DEFAULT 0;

-- Price alerts and saved searches. An alert's threshold is its one limit; its cooldown and a search's cadence are minutes
-- in which nothing more is told. A query applies to what came after the price point `since`.
CREATE TABLE standing_queries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('price_alert', 'saved_search')),
    name TEXT NOT NULL,
    keywords TEXT NOT NULL,
    currency TEXT NOT NULL,
    min_minor BIGINT,
    max_minor BIGINT,
    include_free BOOLEAN NOT NULL,
    sources TEXT NOT NULL,
    location TEXT,
    tells BOOLEAN NOT NULL,
    quiet_minutes BIGINT NOT NULL,
    active BOOLEAN NOT NULL,
    since BIGINT NOT NULL,
    told_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX standing_queries_by_user ON standing_queries (user_id, kind, id);

-- What was found for whom, at which price (-1 where there was none, and for searches, which count a listing once).
-- It outlives its listing, or a listing that comes back would be told again. Without a notification it still waits.
CREATE TABLE hits (
    listing_id BIGINT NOT NULL,
    query_id BIGINT NOT NULL,
    minor BIGINT NOT NULL,
    point BIGINT NOT NULL,
    notification_id BIGINT,
    PRIMARY KEY (listing_id, query_id, minor)
) WITHOUT ROWID;
CREATE INDEX hits_waiting ON hits (query_id, point) WHERE notification_id IS NULL;
CREATE INDEX hits_by_query ON hits (query_id, point);
