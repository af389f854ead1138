-- The last numbers that were given out, under the names that they have in both databases.
CREATE VIEW last_numbers AS SELECT
    COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0) AS event,
    COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'price_history'), 0) AS price_point,
    COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'notifications'), 0) AS notification;
