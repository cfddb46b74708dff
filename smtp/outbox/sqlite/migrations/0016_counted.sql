-- A mail on its way changed two counts with each of its states. Now what is being
-- sent counts as queued, and what was sent as the rest of all: neither has to be
-- counted while mail goes out.
DROP TRIGGER tally_insert;
DROP TRIGGER tally_delete;
DROP TRIGGER tally_update;
DROP TABLE tally;

CREATE TABLE counted (
	kind TEXT    PRIMARY KEY, -- a state but those two, or 'all'
	n    INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counted SELECT value, (SELECT count(*) FROM item WHERE
		state = value OR value = 'all' OR value = 'queued' AND state = 'sending')
	FROM json_each('["all", "draft", "held", "scheduled", "queued", "deferred", "partial", "failed", "uncertain", "cancelled"]');

CREATE TRIGGER counted_insert AFTER INSERT ON item BEGIN
	UPDATE counted SET n = n + 1 WHERE kind = 'all';
	UPDATE counted SET n = n + 1 WHERE kind = iif(new.state = 'sending', 'queued', new.state);
END;
CREATE TRIGGER counted_delete AFTER DELETE ON item BEGIN
	UPDATE counted SET n = n - 1 WHERE kind = 'all';
	UPDATE counted SET n = n - 1 WHERE kind = iif(old.state = 'sending', 'queued', old.state);
END;
CREATE TRIGGER counted_update AFTER UPDATE OF state ON item
	WHEN iif(old.state = 'sending', 'queued', old.state) <> iif(new.state = 'sending', 'queued', new.state)
BEGIN
	UPDATE counted SET n = n - 1 WHERE kind = iif(old.state = 'sending', 'queued', old.state);
	UPDATE counted SET n = n + 1 WHERE kind = iif(new.state = 'sending', 'queued', new.state);
END;

-- How many items are in each state.
CREATE VIEW tally AS
	WITH sending AS (SELECT count(*) AS n FROM item WHERE state = 'sending')
	SELECT kind AS state, counted.n - iif(kind = 'queued', sending.n, 0) AS n FROM counted, sending WHERE kind <> 'all'
	UNION ALL SELECT 'sending', n FROM sending
	UNION ALL SELECT 'sent', sum(iif(kind = 'all', n, -n)) FROM counted;
