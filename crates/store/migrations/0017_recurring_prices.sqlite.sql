-- A recurring price, such as a rent, keeps its amount: `price_minor` is the amount and `price_per` its period: `hour`, `day`,
-- `week`, `month`, `year` or `area`; NULL for the price of a sale. Until now a recurring price was stored without an amount.
ALTER TABLE listings ADD COLUMN price_per TEXT;
ALTER TABLE pruned_listings ADD COLUMN price_per TEXT;
ALTER TABLE price_history ADD COLUMN price_per TEXT;
ALTER TABLE standing_queries ADD COLUMN price_per TEXT;

-- A recurring price in units of its currency. It is no part of `price_units`: lists compare prices of one kind only.
ALTER TABLE listings ADD COLUMN recurring_units DOUBLE PRECISION;
CREATE INDEX listings_by_period ON listings (price_per, id, source, recurring_units, first_seen_at)
    WHERE price_per IS NOT NULL;
CREATE INDEX listings_by_recurring_price ON listings (price_per, recurring_units, id, source, first_seen_at)
    WHERE price_per IS NOT NULL;

-- The version of the reader by which a listing's values were read.
ALTER TABLE listings ADD COLUMN reader_version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE pruned_listings ADD COLUMN reader_version BIGINT NOT NULL DEFAULT 1;

-- The words of a query as the reader cut them when it was saved; NULL where that was the first version of the reader.
ALTER TABLE standing_queries ADD COLUMN read_as TEXT;
