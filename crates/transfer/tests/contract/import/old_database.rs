//! Databases of the Python Super-Bot.

use std::path::PathBuf;

use rusqlite::Connection;

use crate::bed::Bed;

/// Schema of the last version of the Python Super-Bot.
pub(super) const SCHEMA: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE NOT NULL, email TEXT UNIQUE NOT NULL,
        password TEXT NOT NULL, role TEXT DEFAULT 'user', verified BOOLEAN DEFAULT 0, active BOOLEAN DEFAULT 1,
        created_at DATETIME DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE listings (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, price INTEGER, link TEXT UNIQUE,
        image_url TEXT, source TEXT, created_at DATETIME, user_id TEXT);
    CREATE TABLE price_history (id INTEGER PRIMARY KEY AUTOINCREMENT, listing_id INTEGER, price INTEGER,
        recorded_at DATETIME);
    CREATE TABLE favorites (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL, listing_id INTEGER NOT NULL,
        notes TEXT, created_at DATETIME DEFAULT CURRENT_TIMESTAMP, UNIQUE (username, listing_id));
    CREATE TABLE saved_searches (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL, name TEXT NOT NULL,
        keywords TEXT, min_price INTEGER, max_price INTEGER, sources TEXT, location TEXT, radius INTEGER,
        notify_new BOOLEAN DEFAULT 1, created_at DATETIME DEFAULT CURRENT_TIMESTAMP, last_run DATETIME);
    CREATE TABLE price_alerts (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL, keywords TEXT NOT NULL,
        threshold_price INTEGER NOT NULL, alert_type TEXT DEFAULT 'under', active BOOLEAN DEFAULT 1,
        last_triggered DATETIME, created_at DATETIME DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE settings (id INTEGER PRIMARY KEY, username TEXT, key TEXT, value TEXT);
";

pub(super) const SOUND: &str = "
    INSERT INTO users VALUES (1, 'root', 'r@x', 'known:r', 'admin', 1, 1, '2025-01-02 03:04:05'),
        (2, 'Ann', 'a@x', 'known:a', 'user', 0, 1, '2025-02-03 04:05:06'), (3, 'bob', 'b@x', 'plain', 'user', 1, 0, NULL);
    INSERT INTO listings VALUES
        (10, '2002 <b>Corvette</b>', 12000, 'https://slc.craigslist.org/1.html', 'https://i.x/1.jpg', 'craigslist',
         '2025-03-01 10:00:00.123456', 'Ann'),
        (11, 'Firebird', 9000, 'https://classifieds.ksl.com/listing/2', NULL, 'ksl', '2025-03-02 10:00:00', NULL),
        (12, 'Free sofa', 0, 'https://classifieds.ksl.com/listing/3', NULL, 'KSL', '2025-03-03T10:00:00', NULL);
    INSERT INTO price_history VALUES (1, 10, 15000, '2025-03-01 10:00:00'), (2, 10, 13000, '2025-03-05 10:00:00'),
        (3, 11, 9000, '2025-03-02 10:00:00');
    INSERT INTO favorites VALUES (1, 'Ann', 10, 'Call' || char(13, 10) || 'Bob', '2025-03-06 10:00:00'),
        (2, 'root', 11, '', '2025-03-07 10:00:00');
    INSERT INTO price_alerts VALUES
        (1, 'Ann', 'corvette, trans am', 10000, 'under', 1, '2025-03-08 10:00:00', '2025-03-04 10:00:00'),
        (2, 'Ann', 'firebird', 5000, 'over', 0, NULL, '2025-03-04 10:00:00');
    INSERT INTO saved_searches VALUES
        (1, 'Ann', 'Cars', 'mustang,f-150', 1000, 0, 'craigslist, ksl', 'Boise', NULL, 1, '2025-03-04 11:00:00', NULL),
        (2, 'bob', 'Sofas', 'sofa', NULL, 300, '', NULL, NULL, 0, '2025-03-04 12:00:00', NULL);
    INSERT INTO settings VALUES (1, 'Ann', 'keywords', 'Firebird');
";

/// Invalid rows, each for another reason.
pub(super) const BROKEN: &str = "
    INSERT INTO users VALUES (4, 'ANN', '4', 'known:x', 'user', 1, 1, NULL), (5, 'a/b', '5', 'known:x', 'user', 1, 1, NULL),
        (6, CAST(x'ff41' AS TEXT), '6', 'known:x', 'user', 1, 1, NULL), (7, 'eve', '7', x'00', 'owner', 1, 'maybe', 'once');
    INSERT INTO listings (id, title, price, link, source, created_at) VALUES
        (20, NULL, 1, 'https://x.example/20', 'x', NULL), (21, CAST(x'ff' AS TEXT), 1, 'https://x.example/21', 'x', NULL),
        (22, 'a', 1, 'javascript:alert(1)', 'x', NULL), (23, 'a', -5, 'https://x.example/23', 'x', NULL),
        (24, 'a', x'00', 'https://x.example/24', 'x', 'then'), (25, 'a', 9e999, 'https://x.example/25', 'x', 17),
        (26, 'a', 'make an offer', 'https://x.example/26', 'x', NULL), (27, 'a', 1, 'https://x.example/27', NULL, NULL),
        (28, hex(zeroblob(90000)), 1, 'https://x.example/28', 'x', NULL);
    INSERT INTO price_history VALUES (20, 20, 5, '2025-01-01'), (21, 99, 5, '2025-01-01'), (22, 'x', 5, '2025-01-01'),
        (23, NULL, 5, '2025-01-01'), (24, 10, 'x' || hex(zeroblob(200)), '2025-01-01'), (25, 10, 5, NULL);
    INSERT INTO favorites VALUES (20, 'ghost', 10, NULL, NULL), (21, 'ANN', 10, NULL, NULL), (22, 'root', 20, NULL, NULL),
        (23, 'root', 'x', NULL, NULL), (24, 'root', 10, x'ff', NULL), (25, 'root', 12, hex(zeroblob(2000)), 'x');
    INSERT INTO price_alerts VALUES (20, 'Ann', '++', 5, 'under', 1, NULL, NULL), (21, 'Ann', 'a', 'cheap', 'under', 1, NULL, NULL),
        (22, 'Ann', 'a', 5, 'beside', 1, NULL, NULL), (23, 'gone', 'a', 5, 'under', 1, NULL, NULL), (24, 'Ann', '', 5, 'under', 1, NULL, NULL),
        (25, 'Ann', 'sofa, -parts', 5, 'under', 'perhaps', NULL, 'x');
    INSERT INTO saved_searches (id, username, name, keywords, min_price, max_price, sources, location, radius, notify_new)
        VALUES (20, 'Ann', '', 'a b', 9, 5, NULL, NULL, NULL, 1), (21, 'Ann', 'n', 'a b', 1, 5, 'two words', NULL, NULL, 1),
        (22, 'Ann', 'n', NULL, NULL, NULL, NULL, NULL, NULL, 1), (23, 'Ann', 'n', 'a b', NULL, NULL, NULL, 'Boise', 50, 7);
";

/// Creates a database of the old program.
pub(super) fn old(bed: &Bed, statements: &[&str]) -> PathBuf {
    let path = bed.folder.path().join("old.db");
    let file = Connection::open(&path).unwrap();
    for statements in statements {
        file.execute_batch(statements).unwrap();
    }
    path
}
