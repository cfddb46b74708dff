-- How far mails are that take their time, for who looks on. A row is of meaning
-- while its claim is the item's and that is being sent.
CREATE TABLE progress (
	item   INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,
	claim  INTEGER NOT NULL,
	octets INTEGER NOT NULL, -- of content, gone out
	total  INTEGER NOT NULL,
	rate   INTEGER NOT NULL, -- octets a second
	at     INTEGER NOT NULL
);
