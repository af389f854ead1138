-- Listings get their numbers from whoever writes, like events: nothing has to be asked back when they are stored.
ALTER TABLE last_numbers ADD COLUMN listing BIGINT NOT NULL DEFAULT 0;
UPDATE last_numbers SET listing =
    COALESCE(pg_sequence_last_value(pg_get_serial_sequence('listings', 'id')::regclass), 0);
ALTER TABLE last_numbers ALTER COLUMN listing DROP DEFAULT;
ALTER TABLE listings ALTER COLUMN id DROP IDENTITY;
