-- What else a listing is known by: its site's own ids (`id:...`), and further links in their canonical form. Like the other
-- marks of identity these outlive the listing.
CREATE TABLE listing_aliases (
    source TEXT NOT NULL,
    alias TEXT NOT NULL,
    listing_id BIGINT NOT NULL,
    PRIMARY KEY (source, alias)
) WITHOUT ROWID;
CREATE INDEX pruned_listings_by_id ON pruned_listings (id);

-- Whether an ad was put up before: `repost_key` is made of what such ads have in common but for the price, and
-- `reposted_of` is the first of them.
ALTER TABLE listings ADD COLUMN repost_key BIGINT;
ALTER TABLE listings ADD COLUMN reposted_of BIGINT;
ALTER TABLE pruned_listings ADD COLUMN repost_key BIGINT;
ALTER TABLE pruned_listings ADD COLUMN reposted_of BIGINT;
ALTER TABLE pruned_listings ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX listings_by_repost_key ON listings (repost_key, price_minor) WHERE repost_key IS NOT NULL;
CREATE INDEX pruned_listings_by_repost_key ON pruned_listings (repost_key, price_minor) WHERE repost_key IS NOT NULL;
CREATE INDEX listings_by_reposted_of ON listings (reposted_of) WHERE reposted_of IS NOT NULL;

-- A hit counts for an ad however often it is put up, so its listing is the first of them; which one to show is said here.
ALTER TABLE hits ADD COLUMN shown_id BIGINT;
