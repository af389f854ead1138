-- Listings get their numbers from whoever writes, like events: nothing has to be asked back when they are stored.
DROP VIEW last_numbers;
CREATE VIEW last_numbers AS SELECT
    COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0) AS event,
    COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'listings'), 0) AS listing,
    COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'price_history'), 0) AS price_point,
    COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'notifications'), 0) AS notification;
