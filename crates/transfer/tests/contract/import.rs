//! Import of the Python Super-Bot's database: what is imported, what is not, and that no one is notified.

mod old_database;

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::json;
use superbot_domain::{
    Clock as _, Currency, EventKind, NewPriceAlert, NewSavedSearch, QueryChange, QueryKind, StandingQuery as _,
    UserRole, rfc3339,
};
use superbot_store::{CredentialsKept, ListingQuery, ReconcileOutcome, RetentionLimits};
use superbot_transfer::{ImportError, ImportNote, ImportOptions, ImportOutcome, ImportReport};

use crate::bed::{Bed, listing};
use old_database::{BROKEN, SCHEMA, SOUND, old};

crate::on_every_back_end!(
    everything_comes_over_as_it_was,
    a_second_import_adds_nothing,
    what_users_changed_since_stays_changed,
    old_listings_notify_no_one,
    what_comes_afterwards_is_told,
    what_was_here_before_stays_as_it_was,
    what_is_wrong_is_named,
    what_is_changed_is_named,
    other_shapes_of_the_database_are_read,
    limits_hold,
    what_is_no_such_database_is_refused,
    the_file_is_only_read,
);

async fn try_import(bed: &Bed, path: &Path) -> Result<ImportReport, ImportError> {
    let options = ImportOptions { currency: Currency::USD, can_check: |hash| hash.starts_with("known:") };
    superbot_transfer::import(&bed.store, path, options, &mut |_| {}).await
}

async fn import(bed: &Bed, path: &Path) -> ImportReport {
    try_import(bed, path).await.unwrap()
}

/// Counts per existing table: imported, existing, rejected.
fn counts(report: &ImportReport) -> Vec<(&'static str, u64, u64, u64)> {
    let found = report.tables.iter().filter(|table| table.found);
    found.map(|table| (table.name, table.taken_over, table.already_there, table.refused)).collect()
}

/// Notes with the given outcome: table, row, column.
fn notes(report: &ImportReport, outcome: ImportOutcome) -> Vec<(&'static str, &str, &'static str)> {
    let notes = report.notes.iter().filter(|note| note.outcome == outcome);
    notes.map(|ImportNote { table, id, field, .. }| (*table, id.as_str(), *field)).collect()
}

/// All listings, oldest first.
async fn listings(bed: &Bed) -> Vec<superbot_domain::Listing> {
    let query = ListingQuery { limit: 100, ..ListingQuery::default() };
    let mut all = bed.store.listings().page(&query).await.unwrap().items;
    all.reverse();
    all
}

/// Number of matches that a full reconciliation adds.
async fn repaired(bed: &Bed) -> u64 {
    let mut all = 0;
    for kind in QueryKind::ALL {
        loop {
            match bed.store.matches().reconcile(kind, 1).await.unwrap() {
                ReconcileOutcome::Busy => panic!("no other process holds the lease"),
                ReconcileOutcome::Some { repaired } => all += repaired,
                ReconcileOutcome::All { repaired } => break all += repaired,
            }
        }
    }
    all
}

async fn everything_comes_over_as_it_was(bed: Bed) {
    let report = import(&bed, &old(&bed, &[SCHEMA, SOUND])).await;
    let expected = [
        ("users", 3, 0, 0),
        ("listings", 3, 0, 0),
        ("price_history", 3, 0, 0),
        ("favorites", 2, 0, 0),
        ("price_alerts", 2, 0, 0),
        ("saved_searches", 2, 0, 0),
    ];
    assert_eq!(counts(&report), expected);
    assert_eq!(notes(&report, ImportOutcome::Changed), [("users", "3", "password")]);
    assert!(!json!(report).to_string().contains("plain"), "a password is shown nowhere");
    assert_eq!((report.other_tables[0].name.as_str(), report.other_tables[0].rows), ("settings", 1));
    assert_eq!(report.tables[0].other_columns, ["email", "verified"]);

    let (root, hash) = bed.store.users().find_by_name("ROOT").await.unwrap().unwrap();
    assert_eq!((root.role, hash.as_str(), root.disabled), (UserRole::Admin, "known:r", false));
    assert_eq!(rfc3339(root.created_at), "2025-01-02T03:04:05Z");
    let (bob, hash) = bed.store.users().find_by_name("bob").await.unwrap().unwrap();
    assert_eq!((bob.role, hash.as_str(), bob.disabled), (UserRole::User, "!", true));

    let all = listings(&bed).await;
    assert_eq!(all[0].title, "2002 <b>Corvette</b>");
    assert_eq!((all[0].details.external_id.as_deref(), all[0].source.as_str()), (Some("10"), "craigslist"));
    assert_eq!(
        (rfc3339(all[0].created_at), all[0].first_seen_at),
        ("2025-03-01T10:00:00.123456Z".into(), all[0].created_at)
    );
    assert_eq!((all[2].price.kind(), all[2].source.as_str()), ("free", "ksl"));
    let history = bed.store.listings().price_history(all[0].id).await.unwrap().unwrap();
    let history: Vec<_> = history.iter().map(|point| (rfc3339(point.at), point.price.to_json())).collect();
    let at = |day: u8, price: i64| (format!("2025-03-0{day}T10:00:00Z"), json!(price));
    assert_eq!(history, [at(1, 15000), at(5, 13000), at(5, 12000)]);
    assert_eq!(bed.store.listings().price_history(all[1].id).await.unwrap().unwrap().len(), 1);
    let found = ListingQuery { q: Some("corvette".to_owned()), limit: 9, ..ListingQuery::default() };
    assert_eq!(bed.store.listings().page(&found).await.unwrap().items.len(), 1, "it is found by its words");

    let (ann, _) = bed.store.users().find_by_name("ann").await.unwrap().unwrap();
    let favorite = &bed.store.favorites().page(ann.id, None, 9).await.unwrap().items[0];
    assert_eq!((favorite.listing.id, favorite.notes.as_ref().unwrap().as_str()), (all[0].id, "Call\nBob"));
    assert_eq!(rfc3339(favorite.created_at), "2025-03-06T10:00:00Z");
    let alerts = bed.store.queries::<NewPriceAlert>().list(ann.id).await.unwrap();
    assert_eq!((alerts[1].wants.keywords.as_str(), alerts[1].wants.active), ("corvette*, \"trans am*\"", true));
    assert_eq!((alerts[1].wants.threshold.minor, alerts[1].wants.cooldown_minutes), (1_000_000, 60));
    assert_eq!((alerts[0].wants.alert_type.as_str(), alerts[0].wants.active), ("over", false));
    assert_eq!(rfc3339(alerts[0].created_at), "2025-03-04T10:00:00Z");
    let search = &bed.store.queries::<NewSavedSearch>().list(ann.id).await.unwrap()[0].wants;
    assert_eq!((search.keywords.as_str(), search.location.as_deref()), ("mustang*, f-150", Some("Boise")));
    assert_eq!((search.min_price.unwrap().minor, search.max_price, search.sources.len()), (100_000, None, 2));
    let search = &bed.store.queries::<NewSavedSearch>().list(bob.id).await.unwrap()[0].wants;
    assert_eq!((search.notify_new, search.include_free, search.sources.len()), (false, true, 0));
}

async fn a_second_import_adds_nothing(bed: Bed) {
    let path = old(&bed, &[SCHEMA, SOUND]);
    let first = import(&bed, &path).await;
    let before = (bed.store.counts().await.unwrap(), bed.store.events().bounds().await.unwrap());
    let second = import(&bed, &path).await;
    let after = (bed.store.counts().await.unwrap(), bed.store.events().bounds().await.unwrap());
    assert_eq!(before.1, after.1, "the log has nothing new");
    assert_eq!((before.0.users, before.0.listings), (after.0.users, after.0.listings));
    let known: Vec<_> = counts(&first).into_iter().map(|(table, new, ..)| (table, 0, new, 0)).collect();
    assert_eq!(counts(&second), known);
    for listing in listings(&bed).await {
        let points = bed.store.listings().price_history(listing.id).await.unwrap().unwrap().len();
        assert_eq!(points, if listing.title.contains("Corvette") { 3 } else { 1 });
    }
}

async fn what_users_changed_since_stays_changed(bed: Bed) {
    let path = old(&bed, &[SCHEMA, SOUND]);
    import(&bed, &path).await;
    let (ann, _) = bed.store.users().find_by_name("ann").await.unwrap().unwrap();
    bed.store.users().set_password(ann.id, "new", CredentialsKept::default()).await.unwrap();
    let alerts = bed.store.queries::<NewPriceAlert>().list(ann.id).await.unwrap();
    // Both alerts were created in the same second. One was deleted, the other edited.
    bed.store.queries::<NewPriceAlert>().delete(ann.id, alerts[0].id).await.unwrap();
    let wants = NewPriceAlert { keywords: "camaro".to_owned(), ..alerts[1].wants.clone() };
    bed.store.queries().update(ann.id, alerts[1].id, move |_| Ok(QueryChange::Edit(wants.clone()))).await.unwrap();
    let second = import(&bed, &path).await;
    assert_eq!(second.tables[4].already_there + second.tables[4].taken_over, 2);
    let now = bed.store.queries::<NewPriceAlert>().list(ann.id).await.unwrap();
    assert!(now.iter().any(|alert| alert.wants.keywords == "camaro"));
    assert!(!now.iter().any(|alert| alert.wants.keywords.contains("corvette")), "what was edited is not there twice");
    assert_eq!(bed.store.users().find_by_name("ann").await.unwrap().unwrap().1, "new");
}

/// A user whose alert existed before the import and matches imported listings: one whose price was always within its
/// limit, and one whose price fell to it.
async fn carl(bed: &Bed) -> superbot_domain::User {
    let carl = bed.user("carl").await;
    let wants = json!({ "keywords": "corvette, firebird, sofa", "threshold_price": 12500, "include_free": true });
    let wants = NewPriceAlert::from_json(&wants, Currency::USD).unwrap();
    bed.store.queries().create(carl.id, &wants).await.unwrap();
    carl
}

async fn old_listings_notify_no_one(bed: Bed) {
    let carl = carl(&bed).await;
    bed.store.listings().ingest(vec![listing("before", "Corvette", 100)]).await.unwrap();
    let head = bed.store.events().bounds().await.unwrap().head;
    import(&bed, &old(&bed, &[SCHEMA, SOUND])).await;
    let log = bed.store.events().list(head, 100).await.unwrap();
    assert!(log.iter().all(|event| event.kind == EventKind::StandingQueriesChanged), "{log:?}");
    assert_eq!(log.len(), 2, "the servers hear of the alerts and of the searches");
    assert_eq!(repaired(&bed).await, 0);
    // After the log was pruned, the workers compare every listing.
    bed.clock.advance(Duration::from_mins(1));
    bed.store.listings().ingest(vec![listing("after", "bicycle", 1)]).await.unwrap();
    let now = bed.clock.now() + Duration::from_secs(1);
    let retention = RetentionLimits { events_keep: Duration::ZERO, listings_keep: None };
    bed.store.prune(&retention, now, 1000).await.unwrap();
    assert_eq!(repaired(&bed).await, 0);
    assert_eq!(
        bed.store.notifications().page(carl.id, false, None, 10).await.unwrap().items.len(),
        1,
        "of the one before"
    );
    assert_eq!(bed.store.counts().await.unwrap().notifications, 1);
    // No notification either when the site repeats the listing, or states something that is not a price.
    let again = json!({ "title": "Firebird!", "price": 9000, "link": "https://classifieds.ksl.com/listing/2", "source": "ksl" });
    bed.store
        .listings()
        .ingest(vec![superbot_domain::NewListing::from_json(&again, Currency::USD).unwrap()])
        .await
        .unwrap();
    assert_eq!(bed.store.counts().await.unwrap().notifications, 1);
    assert_eq!(repaired(&bed).await, 0);
}

async fn what_comes_afterwards_is_told(bed: Bed) {
    // This process has built its index before the other one imports.
    bed.store.matches().prepare().await.unwrap();
    let other = bed.beside().await;
    import(&other, &old(&bed, &[SCHEMA, SOUND])).await;
    let (ann, _) = bed.store.users().find_by_name("ann").await.unwrap().unwrap();
    let link = "https://slc.craigslist.org/1.html";
    let cheaper = json!({ "title": "2002 Corvette", "price": 9500, "link": link, "source": "craigslist" });
    let cheaper = superbot_domain::NewListing::from_json(&cheaper, Currency::USD).unwrap();
    bed.store.listings().ingest(vec![cheaper]).await.unwrap();
    bed.store
        .listings()
        .ingest(vec![listing("1", "Pontiac Trans Am", 8000), listing("2", "Firebird", 9000)])
        .await
        .unwrap();
    let told = bed.store.notifications().page(ann.id, false, None, 10).await.unwrap().items;
    assert_eq!(told.len(), 1, "the second waits for the hour to be over, and the paused alert says nothing");
    assert_eq!(told[0].kind.as_str(), "price_alert");
    bed.clock.advance(Duration::from_hours(1));
    bed.store.matches().notify_waiting(QueryKind::PriceAlert, bed.clock.now(), 10).await.unwrap();
    assert_eq!(bed.store.notifications().page(ann.id, false, None, 10).await.unwrap().items.len(), 2);
    let id = listings(&bed).await[0].id;
    assert_eq!(bed.store.listings().price_history(id).await.unwrap().unwrap().len(), 4, "its history continues");
}

async fn what_was_here_before_stays_as_it_was(bed: Bed) {
    let ann = bed.store.users().create(&"ANN".parse().unwrap(), UserRole::User, "mine").await.unwrap();
    let known = json!({ "title": "My Firebird", "price": 7000, "link": "https://classifieds.ksl.com/listing/2#photos", "source": "ksl" });
    let known = superbot_domain::NewListing::from_json(&known, Currency::USD).unwrap();
    let id = bed.store.listings().ingest(vec![known]).await.unwrap()[0].id;
    let more = "INSERT INTO price_history VALUES (9, 11, 8000, '2999-01-01'); INSERT INTO favorites (username, listing_id) \
                VALUES ('Ann', 11)";
    let report = import(&bed, &old(&bed, &[SCHEMA, SOUND, more])).await;
    assert_eq!(counts(&report)[..3], [("users", 2, 1, 0), ("listings", 2, 1, 0), ("price_history", 3, 0, 1)]);
    assert_eq!(notes(&report, ImportOutcome::Noted), [("users", "2", "username")]);
    assert_eq!(notes(&report, ImportOutcome::Refused), [("price_history", "9", "recorded_at")]);
    let (found, hash) = bed.store.users().find_by_name("ann").await.unwrap().unwrap();
    assert_eq!((found.id, found.role, hash.as_str(), found.username.as_str()), (ann.id, UserRole::User, "mine", "ANN"));
    let firebird = bed.store.listings().get(id).await.unwrap().unwrap();
    assert_eq!((firebird.title.as_str(), firebird.price.to_json()), ("My Firebird", json!(7000)));
    let history = bed.store.listings().price_history(id).await.unwrap().unwrap();
    assert_eq!(history.iter().map(|point| point.price.to_json()).collect::<Vec<_>>(), [9000, 7000]);
    let kept = bed.store.favorites().page(ann.id, None, 9).await.unwrap().items;
    assert!(kept.iter().any(|favorite| favorite.listing.id == id));
    assert_eq!(bed.store.queries::<NewPriceAlert>().list(ann.id).await.unwrap().len(), 2);
}

async fn what_is_wrong_is_named(bed: Bed) {
    let report = import(&bed, &old(&bed, &[SCHEMA, SOUND, BROKEN])).await;
    let found = notes(&report, ImportOutcome::Refused);
    let of = |table| found.iter().filter(|note| note.0 == table).map(|note| (note.1, note.2)).collect::<Vec<_>>();
    assert_eq!(of("listings"), [("20", "title"), ("21", "title"), ("22", "link"), ("27", "source"), ("28", "title")]);
    let mut prices = of("price_history");
    prices.sort_unstable();
    let of_no_listing = |id| (id, "listing_id");
    let expected = [
        of_no_listing("20"),
        of_no_listing("21"),
        of_no_listing("22"),
        of_no_listing("23"),
        ("24", "price"),
        ("25", "recorded_at"),
    ];
    assert_eq!(prices, expected);
    assert_eq!(of("users"), [("4", "username"), ("5", "username"), ("6", "username")]);
    let expected = [("20", "username"), ("21", "username"), ("22", "listing_id"), ("23", "listing_id")];
    assert_eq!(of("favorites"), expected);
    let expected =
        [("20", "keywords"), ("21", "threshold_price"), ("22", "alert_type"), ("23", "username"), ("24", "keywords")];
    assert_eq!(of("price_alerts"), expected);
    assert_eq!(of("saved_searches"), [("20", "min_price"), ("21", "sources"), ("22", "keywords")]);
    for table in &report.tables {
        let rows = table.taken_over + table.already_there + table.refused;
        assert!(rows > table.refused && table.refused > 0, "{table:?}");
    }
}

async fn what_is_changed_is_named(bed: Bed) {
    let report = import(&bed, &old(&bed, &[SCHEMA, SOUND, BROKEN])).await;
    let changed = notes(&report, ImportOutcome::Changed);
    let of = |table| changed.iter().filter(|note| note.0 == table).map(|note| (note.1, note.2)).collect::<Vec<_>>();
    assert_eq!(
        of("users"),
        [("3", "password"), ("7", "role"), ("7", "active"), ("7", "created_at"), ("7", "password")]
    );
    let expected = [("23", "price"), ("24", "price"), ("24", "created_at"), ("25", "price"), ("25", "created_at")];
    assert_eq!(of("listings"), expected);
    assert_eq!(of("favorites"), [("24", "notes"), ("25", "notes"), ("25", "created_at")]);
    assert_eq!(of("price_alerts"), [("25", "keywords"), ("25", "active"), ("25", "created_at")]);
    assert_eq!(of("saved_searches"), [("23", "location"), ("23", "notify_new")]);
    for (table, note) in [("listings", "28"), ("listings", "21")] {
        let note = report.notes.iter().find(|found| found.table == table && found.id == note).unwrap();
        assert!(note.value.ends_with(" bytes"), "{note:?}");
    }
    let (eve, hash) = bed.store.users().find_by_name("eve").await.unwrap().unwrap();
    assert_eq!((eve.role, eve.disabled, hash.as_str()), (UserRole::User, true, "!"));
}

async fn other_shapes_of_the_database_are_read(bed: Bed) {
    bed.user("Ann").await;
    let first = "CREATE TABLE Users (username TEXT PRIMARY KEY, password_hash TEXT, is_admin INTEGER);
        INSERT INTO users VALUES ('zoe', 'known:z', 1);
        CREATE TABLE price_alerts (id INTEGER PRIMARY KEY, user_id INTEGER, keywords TEXT, threshold_price REAL);
        INSERT INTO price_alerts VALUES (1, 7, 'a', 5);
        CREATE VIEW listings AS SELECT 1 AS id; CREATE TABLE empty (a)";
    let report = import(&bed, &old(&bed, &[first])).await;
    assert_eq!(counts(&report), [("users", 1, 0, 0), ("price_alerts", 0, 0, 1)]);
    let (zoe, hash) = bed.store.users().find_by_name("zoe").await.unwrap().unwrap();
    assert_eq!((zoe.role, hash.as_str(), report.other_tables.len()), (UserRole::Admin, "known:z", 0));
    std::fs::remove_file(bed.folder.path().join("old.db")).unwrap();
    let by_number = "CREATE TABLE users (id INTEGER, username, password);
        INSERT INTO users VALUES (7, 'max', 'known:m');
        CREATE TABLE price_alerts (user_id, keywords, threshold_price, sources);
        INSERT INTO price_alerts VALUES (7, 'red', '$1,000', 'x'), ('7', 'blue', 5.5, 'x'), ('max', 'green', 5, 'x')";
    let report = import(&bed, &old(&bed, &[by_number])).await;
    assert_eq!(counts(&report), [("users", 1, 0, 0), ("price_alerts", 3, 0, 0)]);
    std::fs::remove_file(bed.folder.path().join("old.db")).unwrap();
    let ghost = "CREATE TABLE price_alerts (username, keywords, threshold_price);
        INSERT INTO price_alerts VALUES ('ann', 'x y', 5), ('ghost', 'x y', 5)";
    let report = import(&bed, &old(&bed, &[ghost])).await;
    assert_eq!(counts(&report), [("price_alerts", 1, 0, 1)], "without users, names are those here");
}

async fn limits_hold(bed: Bed) {
    let many = "
        WITH RECURSIVE n(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM n WHERE n < 1200)
            INSERT INTO listings (id, title, price, link, source) SELECT n, 'a', n, 'https://x.example/' || n, 'x' FROM n;
        INSERT INTO favorites (username, listing_id) SELECT 'root', id FROM listings WHERE id >= 100;
        INSERT INTO price_alerts (username, keywords, threshold_price) SELECT 'root', 'word' || id, 5 FROM listings
            WHERE id >= 100;
    ";
    let path = old(&bed, &[SCHEMA, SOUND, many]);
    let report = import(&bed, &path).await;
    let of = |report: &ImportReport, table: usize| counts(report)[table];
    assert_eq!(of(&report, 1), ("listings", 1104, 0, 0));
    assert_eq!((of(&report, 3), of(&report, 4)), (("favorites", 1001, 0, 102), ("price_alerts", 1002, 0, 101)));
    let again = import(&bed, &path).await;
    assert_eq!((of(&again, 3), of(&again, 4)), (("favorites", 0, 1001, 102), ("price_alerts", 0, 1002, 101)));
}

async fn what_is_no_such_database_is_refused(bed: Bed) {
    let said = async |path: &Path| try_import(&bed, path).await.unwrap_err().to_string();
    let text = bed.folder.path().join("text");
    assert!(said(&text).await.contains("No such file"));
    std::fs::write(&text, "SQLite format 2").unwrap();
    assert!(said(&text).await.contains("is not an SQLite database"));
    let torn = bed.folder.path().join("torn");
    std::fs::write(&torn, [&b"SQLite format 3\0"[..], &[1; 500]].concat()).unwrap();
    assert!(said(&torn).await.starts_with("cannot import"), "{}", said(&torn).await);
    let other = Bed::sqlite().await;
    let own = other.folder.path().join("data/superbot.db");
    assert!(said(&own).await.contains("a store of this program"));
    let other = old(&bed, &["CREATE TABLE notes (a)"]);
    assert!(said(&other).await.contains("it has none of the tables users, listings"));
    assert_eq!(bed.store.counts().await.unwrap().users, 0);
}

async fn the_file_is_only_read(bed: Bed) {
    let path = old(&bed, &[SCHEMA, SOUND]);
    let file = Connection::open(&path).unwrap();
    let files = || std::fs::read_dir(bed.folder.path()).unwrap().count();
    file.execute_batch("PRAGMA journal_mode = WAL; UPDATE users SET role = 'admin' WHERE id = 2").unwrap();
    import(&bed, &path).await;
    let (ann, _) = bed.store.users().find_by_name("ann").await.unwrap().unwrap();
    assert_eq!(ann.role, UserRole::Admin, "what still waits in the write-ahead log is read");
    file.close().unwrap();
    let before = std::fs::read(&path).unwrap();
    let beside = files();
    import(&bed, &path).await;
    assert!(std::fs::read(&path).unwrap() == before && files() == beside);
}
