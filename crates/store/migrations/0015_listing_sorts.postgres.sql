-- Lists are read in several orders, each of which has an index that also holds what lists are filtered by, so that rows that
-- are filtered out cost no look into the table.

-- By how much the latest change lowered the price, relative to the price before: 0.25 where 100 became 75, 1 where it became
-- free. NULL where the latest change was no fall, and where a listing's price never changed.
ALTER TABLE listings ADD COLUMN price_fall DOUBLE PRECISION;
UPDATE listings SET price_fall = (
    SELECT CASE
        WHEN prior.price_kind <> 'amount' OR prior.price_minor <= 0 THEN NULL
        WHEN latest.price_kind = 'free' THEN 1.0
        WHEN latest.price_kind = 'amount' AND latest.currency = prior.currency AND latest.price_minor < prior.price_minor
            THEN 1.0 - CAST(latest.price_minor AS DOUBLE PRECISION) / CAST(prior.price_minor AS DOUBLE PRECISION)
        END
    FROM price_history AS latest JOIN price_history AS prior ON prior.listing_id = latest.listing_id
    WHERE latest.listing_id = listings.id
        AND latest.id = (SELECT MAX(id) FROM price_history WHERE listing_id = listings.id)
        AND prior.id = (SELECT MAX(id) FROM price_history WHERE listing_id = listings.id AND id < latest.id)
)
WHERE id IN (SELECT listing_id FROM price_history GROUP BY listing_id HAVING COUNT(*) > 1);

CREATE INDEX listings_by_price ON listings (price_units, id) INCLUDE (source, first_seen_at)
    WHERE price_units IS NOT NULL;
CREATE INDEX listings_by_posted ON listings (created_at, id) INCLUDE (source, price_units, first_seen_at);
CREATE INDEX listings_by_fall ON listings (price_fall, id) INCLUDE (source, price_units, first_seen_at)
    WHERE price_fall IS NOT NULL;
