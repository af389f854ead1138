-- A source's listings are read newest first.
CREATE INDEX listings_by_source ON listings (source, id);
