-- How far each worker has looked at what came in, by the event log, or, where that has been pruned too far, first by the
-- listings' numbers; which process is at it, and until when nobody else is to be; and how much it had to mend.
CREATE TABLE workers (
    name TEXT NOT NULL PRIMARY KEY,
    cursor BIGINT NOT NULL,
    listings_after BIGINT,
    holder BIGINT NOT NULL,
    held_until BIGINT NOT NULL,
    repaired BIGINT NOT NULL
);
