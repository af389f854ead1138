-- What was found for whom, at which price: a rent of 500 a month is not the price of a sale of 500, so the period is part of the
-- key; empty for a sale, and for searches. Hits of recurring prices so far are those at a recurring point of the price history, or
-- of alerts for a period.
CREATE TABLE hits_by_period (
    listing_id BIGINT NOT NULL,
    query_id BIGINT NOT NULL,
    minor BIGINT NOT NULL,
    price_per TEXT NOT NULL DEFAULT '',
    point BIGINT NOT NULL,
    notification_id BIGINT,
    shown_id BIGINT,
    PRIMARY KEY (listing_id, query_id, minor, price_per)
) WITHOUT ROWID;
INSERT INTO hits_by_period (listing_id, query_id, minor, point, notification_id, shown_id)
SELECT listing_id, query_id, minor, point, notification_id, shown_id FROM hits ORDER BY listing_id, query_id, minor;
DROP TABLE hits;
ALTER TABLE hits_by_period RENAME TO hits;
CREATE INDEX hits_waiting ON hits (query_id, point) WHERE notification_id IS NULL;
UPDATE hits SET price_per = COALESCE(
    (SELECT price_per FROM price_history WHERE price_history.id = hits.point),
    (SELECT price_per FROM standing_queries WHERE standing_queries.id = hits.query_id), '')
WHERE minor > 0 AND (
    EXISTS (SELECT 1 FROM price_history WHERE price_history.id = hits.point AND price_per IS NOT NULL)
    OR NOT EXISTS (SELECT 1 FROM price_history WHERE price_history.id = hits.point)
    AND EXISTS (SELECT 1 FROM standing_queries WHERE standing_queries.id = hits.query_id AND price_per IS NOT NULL));

-- A price may be read, or stated as a number, later than the texts of its listing were read: its reader has a version of its own.
ALTER TABLE listings ADD COLUMN price_reader_version BIGINT NOT NULL DEFAULT 1;
UPDATE listings SET price_reader_version = reader_version WHERE reader_version > 1;
ALTER TABLE pruned_listings RENAME COLUMN reader_version TO price_reader_version;

-- An index entry that is replaced is only marked as deleted until its part of the full-text index is merged. SQLite merges a part as
-- soon as a tenth is marked, so that writing all entries again copies the whole index ten times, for seconds at a time.
INSERT INTO listing_words (listing_words, rank) VALUES ('deletemerge', 50);
