-- Leaves two listings as the first version stored the two addresses of one ad.
UPDATE listings SET link = 'http://www.shop.example/1' WHERE id = 1;
UPDATE listings SET link = 'https://shop.example/1' WHERE id = 2;
UPDATE listings SET link_key = link;
DELETE FROM meta WHERE key IN ('link_rules', 'rekeying');
