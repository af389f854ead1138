-- The words of listings, cut up as queries are, so that keywords mean the same here as when a listing comes in; the source
-- and the power of two of the price are words too. It holds no text of its own, and SQLite only ever sees words that are
-- cut up already: letters and digits with spaces in between, where its plainest tokenizer does no harm.
CREATE VIRTUAL TABLE listing_words USING fts5 (
    title, description, place, source, price, content = '', contentless_delete = 1, tokenize = 'ascii'
);
CREATE TRIGGER listing_words_of_deleted AFTER DELETE ON listings BEGIN
    DELETE FROM listing_words WHERE rowid = old.id;
END;
ALTER TABLE listings DROP COLUMN search_text;

-- Since when has there been anything, and what came in within the last days?
CREATE INDEX listings_by_first_seen ON listings (first_seen_at, id);
-- What is looked at of each listing that the words have found, without reading its texts.
CREATE INDEX listings_facts ON listings (id, first_seen_at, price_minor);
