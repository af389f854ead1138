-- Makes the logged payloads of listings those of a version that did not have these fields; gives how many there are.
UPDATE events SET payload = json_remove(payload, '$.condition', '$.external_id') WHERE kind LIKE '%listing%';
SELECT COUNT(*) FROM events WHERE kind LIKE '%listing%' AND payload NOT LIKE '%condition%';
