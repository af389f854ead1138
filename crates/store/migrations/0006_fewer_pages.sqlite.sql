-- A match touches rows all over the file, and each page that it touches is written out: the fewer the better.

-- One index finds a user's notifications, read or not.
DROP INDEX notifications_unread;
DROP INDEX notifications_by_user;
CREATE INDEX notifications_by_user ON notifications (user_id, id, read_at);

-- Hits are looked up by their listing, and by their query only while they wait.
DROP INDEX hits_by_query;

-- When a query last told something, apart from the wide rows that say what it asks for.
CREATE TABLE told_queries (
    query_id INTEGER NOT NULL PRIMARY KEY,
    told_at BIGINT NOT NULL
);
INSERT INTO told_queries (query_id, told_at) SELECT id, told_at FROM standing_queries WHERE told_at IS NOT NULL;
ALTER TABLE standing_queries DROP COLUMN told_at;

-- Queries that are gone, and up to which listing their hits are gone too.
CREATE TABLE deleted_queries (
    query_id INTEGER NOT NULL PRIMARY KEY,
    hits_after BIGINT NOT NULL
);
CREATE TRIGGER after_query_deleted AFTER DELETE ON standing_queries BEGIN
    DELETE FROM told_queries WHERE query_id = old.id;
    INSERT INTO deleted_queries (query_id, hits_after) VALUES (old.id, 0);
END;
