-- Copies for the person's own folders, each a job apart from the mail's fate.
CREATE TABLE copy (
	item     INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,
	folder   TEXT    NOT NULL,
	tries    INTEGER NOT NULL DEFAULT 0,
	next_try INTEGER NOT NULL DEFAULT 0,
	done     INTEGER NOT NULL DEFAULT 0, -- when it was made
	problem  TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX copy_wanted ON copy (item) WHERE done = 0;
