-- Times are microseconds since 1970 in UTC, durations microseconds, and 0
-- stands for none.

CREATE TABLE item (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	state      TEXT    NOT NULL,
	account    TEXT    NOT NULL,
	message_id TEXT    NOT NULL DEFAULT '',
	sender     TEXT    NOT NULL DEFAULT '',
	subject    TEXT    NOT NULL DEFAULT '',
	people     TEXT    NOT NULL DEFAULT '', -- recipients as typed, one a line; for drafts
	size       INTEGER NOT NULL DEFAULT 0,
	created    INTEGER NOT NULL,
	updated    INTEGER NOT NULL,
	not_before INTEGER NOT NULL DEFAULT 0,
	since      INTEGER NOT NULL DEFAULT 0,
	next_try   INTEGER NOT NULL DEFAULT 0,
	due        INTEGER,                     -- null: waits for no delivery; queued: long past
	attempts   INTEGER NOT NULL DEFAULT 0,
	reply      TEXT    NOT NULL DEFAULT '',
	problem    TEXT    NOT NULL DEFAULT '',
	fields     BLOB,                        -- message.Draft as JSON

	-- The lease; of meaning while state is 'sending'.
	owner       TEXT    NOT NULL DEFAULT '',
	lease_until INTEGER NOT NULL DEFAULT 0,
	claims      INTEGER NOT NULL DEFAULT 0,
	claimed     INTEGER NOT NULL DEFAULT 0,
	committing  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX item_by_state ON item (state, id);
CREATE INDEX item_due ON item (account, due, id) WHERE due IS NOT NULL;

CREATE TABLE recipient (
	item     INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
	n        INTEGER NOT NULL,
	address  TEXT    NOT NULL,
	state    TEXT    NOT NULL,
	code     INTEGER NOT NULL DEFAULT 0,
	enhanced TEXT    NOT NULL DEFAULT '',
	text     TEXT    NOT NULL DEFAULT '',
	tries    INTEGER NOT NULL DEFAULT 0,
	next_try INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (item, n)
) WITHOUT ROWID;

CREATE TABLE chunk (
	item  INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
	n     INTEGER NOT NULL,
	bytes BLOB    NOT NULL,
	PRIMARY KEY (item, n)
);

CREATE TABLE attempt (
	item       INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
	n          INTEGER NOT NULL,
	started    INTEGER NOT NULL,
	elapsed    INTEGER NOT NULL,
	stage      TEXT    NOT NULL,
	code       INTEGER NOT NULL,
	enhanced   TEXT    NOT NULL,
	text       TEXT    NOT NULL,
	bytes      INTEGER NOT NULL,
	waits      INTEGER NOT NULL,
	transcript TEXT    NOT NULL,
	PRIMARY KEY (item, n)
);

CREATE TABLE parking (
	account TEXT    PRIMARY KEY,
	reason  TEXT    NOT NULL,
	since   INTEGER NOT NULL,
	until   INTEGER NOT NULL,
	misses  INTEGER NOT NULL
) WITHOUT ROWID;

-- How many items are in each state, so that counting does not depend on how
-- much history there is.
CREATE TABLE tally (
	state TEXT    PRIMARY KEY,
	n     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER tally_insert AFTER INSERT ON item BEGIN
	INSERT INTO tally VALUES (new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tally_delete AFTER DELETE ON item BEGIN
	UPDATE tally SET n = n - 1 WHERE state = old.state;
END;
CREATE TRIGGER tally_update AFTER UPDATE OF state ON item WHEN old.state <> new.state BEGIN
	UPDATE tally SET n = n - 1 WHERE state = old.state;
	INSERT INTO tally VALUES (new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
