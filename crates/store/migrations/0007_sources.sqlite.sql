-- Where listings are read: how each is set up, how it fares, and which process is at it until when. A site's own source
-- is there from the beginning, stopped. `revision` grows with every change that somebody made.
CREATE TABLE sources (
    name TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    settings TEXT NOT NULL,
    running BOOLEAN NOT NULL,
    terms_accepted_at BIGINT,
    health TEXT NOT NULL,
    next_run_at BIGINT,
    run_asked BOOLEAN NOT NULL,
    revision BIGINT NOT NULL,
    day BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    holder BIGINT NOT NULL,
    held_until BIGINT NOT NULL
);
INSERT INTO sources (name, kind, settings, running, health, run_asked, revision, day, requests, holder, held_until)
    SELECT name, name, '{}', FALSE,
        '{"state":"stopped","reason":"it is stopped","since":"1970-01-01T00:00:00Z","failures":0,"runs":[]}',
        FALSE, 1, 0, 0, 0, 0
    FROM (SELECT 'craigslist' AS name UNION SELECT 'facebook' UNION SELECT 'ksl');

-- When a site may be asked next, whichever source and process asks.
CREATE TABLE site_turns (
    origin TEXT NOT NULL PRIMARY KEY,
    next_at BIGINT NOT NULL
);

-- Who was told that a source fails, and is to be told when it is back.
CREATE TABLE source_notices (
    source TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (source, user_id)
) WITHOUT ROWID;
