-- What became of mails, until somebody was told.
CREATE TABLE notice (
	n     INTEGER PRIMARY KEY AUTOINCREMENT,
	item  INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
	state TEXT    NOT NULL,
	at    INTEGER NOT NULL,
	until INTEGER NOT NULL DEFAULT 0 -- when another may take it who tells
);
CREATE INDEX notice_by_item ON notice (item);
