-- A database as the Python Super-Bot left it. All passwords are "correct horse", hashed by the programs themselves.
CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT UNIQUE, email TEXT, password TEXT, role TEXT DEFAULT 'user',
    active BOOLEAN DEFAULT 1, created_at DATETIME DEFAULT CURRENT_TIMESTAMP);
INSERT INTO users (username, password) VALUES
    ('pbkdf2', 'pbkdf2:sha256:1000$Q9GC0JGOKmj2DMsn$b6a8cb75e91c8b2b96876087a01352501f1796ef7dc56e2b97a1dd688cdda419'),
    ('scrypt', 'scrypt:32768:8:1$mega9xE0ELFhUUR9$f3d15faef3e423dd526d0e509050e740455a4152df4e77ab1d822a57abb329725a6581c55f91ebf043bb30d748a3df8d3442d67f4306986a2dd2ed6b11168455'),
    ('bcrypt', '$2b$05$bZoQzQDQ7aYHCON7rLAZq.iWfJyc.PHvAa04GzzIbU7j.v60uyZcC'),
    ('argon2', '$argon2id$v=19$m=1024,t=1,p=2$evJMMXt9iXwadSj2uadcMQ$vY0NYGJ7ziabujIAiUwPORqMB4+85JgBr898mp0MK9I'),
    ('plain', 'correct horse');
INSERT INTO users (username, password, active) VALUES ('closed', '$2b$05$bZoQzQDQ7aYHCON7rLAZq.iWfJyc.PHvAa04GzzIbU7j.v60uyZcC', 0);
INSERT INTO users (username, password) VALUES (CAST(x'ff' AS TEXT), 'x'), ('PLAIN', 'x');
CREATE TABLE listings (id INTEGER PRIMARY KEY, title TEXT, price INTEGER, link TEXT, image_url TEXT, source TEXT,
    created_at DATETIME, user_id TEXT);
INSERT INTO listings VALUES
    (1, '<script>alert(1)</script> Corvette', 12000, 'https://slc.craigslist.org/1.html', NULL, 'craigslist', '2025-03-01 10:00:00', NULL),
    (2, 'Sofa', 'ask', 'https://slc.craigslist.org/2.html', NULL, 'craigslist', '2025-03-01 11:00:00', NULL),
    (3, 'Bad', -1, 'javascript:alert(1)', NULL, 'craigslist', NULL, NULL);
CREATE TABLE favorites (id INTEGER PRIMARY KEY, username TEXT, listing_id INTEGER, notes TEXT, created_at DATETIME);
INSERT INTO favorites VALUES (1, 'bcrypt', 1, 'nice', NULL), (2, 'bcrypt', 77, NULL, NULL);
CREATE TABLE price_alerts (id INTEGER PRIMARY KEY, username TEXT, keywords TEXT, threshold_price INTEGER,
    alert_type TEXT DEFAULT 'under', active BOOLEAN DEFAULT 1, last_triggered DATETIME, created_at DATETIME);
INSERT INTO price_alerts (username, keywords, threshold_price) VALUES ('bcrypt', 'corvette', 15000);
CREATE TABLE settings (username TEXT, key TEXT, value TEXT);
INSERT INTO settings VALUES ('bcrypt', 'keywords', 'corvette');
