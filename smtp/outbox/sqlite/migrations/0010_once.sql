-- What mails were put in under, so that none is twice by mistake. It outlives the
-- mail.
CREATE TABLE once (
	key TEXT    PRIMARY KEY,
	at  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX once_at ON once (at);
