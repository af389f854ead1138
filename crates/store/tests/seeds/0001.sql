INSERT INTO meta VALUES ('epoch', '00000000deadbeef'), ('made_at', '1760000000000000');
INSERT INTO users VALUES (1, 'Ann', 'ann', 'admin', '$argon2id$x', FALSE, '{"theme":"dark"}', 1760000000000000);
INSERT INTO sessions VALUES (1, 1, x'01', 'Firefox', '127.0.0.1', 1760000000000000, 1760000000000000, 1790000000000000);
INSERT INTO tokens VALUES (1, 'phone', 'user', 1, x'02', 'sbt_ab', 1760000000000000, NULL, NULL);
INSERT INTO invites VALUES (1, x'03', 1, 1760000000000000, 1790000000000000, NULL, NULL);
INSERT INTO listings VALUES (7, 'test', 'https://example.com/7', 'https://example.com/7', 'Corvette Z06', 'amount', 2800050, 28000.5, 'USD',
    TRUE, 'Provo', NULL, 'Runs.', '123', 1760000000000000, 1760000000000000, 1760000000000000, 1760000000000000, 'corvette z06' || char(10) || 'runs.');
INSERT INTO price_history VALUES (1, 7, 1760000000000000, 'unstated', NULL, 'USD'), (2, 7, 1760000001000000, 'amount', 2800050, 'USD');
INSERT INTO pruned_listings VALUES ('test', 'https://example.com/pruned', 3, 'amount', 100, 'USD', 1750000000000000, 1750000000000000);
INSERT INTO notifications VALUES (1, 1, 'custom', '{}', 1760000000000000, NULL, 40), (2, 1, 'custom', '{}', 1760000000000000, 1760000001000000, 39);
INSERT INTO scraper_status VALUES ('ksl', TRUE, 1760000000000000);
INSERT INTO idempotency VALUES ('token 1', 'k', x'04', '40', 1760000000000000);
INSERT INTO events VALUES (39, 0, 'system_message', 1760000000000000, '{}'), (40, 1, 'notification', 1760000000000000, '{"id":1}');
