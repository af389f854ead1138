-- Listings that users keep, with their notes; the numbers grow in the order in which they were put here.
CREATE TABLE favorites (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    listing_id BIGINT NOT NULL REFERENCES listings (id) ON DELETE CASCADE,
    notes TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (user_id, listing_id)
);
CREATE INDEX favorites_by_user ON favorites (user_id, id);
CREATE INDEX favorites_by_listing ON favorites (listing_id);

-- What a standing query is never to tell of. As a hit does, it outlives its listing, which may come back.
CREATE TABLE ignored_listings (
    listing_id BIGINT NOT NULL,
    query_id BIGINT NOT NULL REFERENCES standing_queries (id) ON DELETE CASCADE,
    PRIMARY KEY (listing_id, query_id)
) WITHOUT ROWID;
CREATE INDEX ignored_listings_by_query ON ignored_listings (query_id);

-- The one link with which each user may choose a new password; it is gone once it was used.
CREATE TABLE password_resets (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX password_resets_by_expiry ON password_resets (expires_at);
