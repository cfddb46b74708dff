-- What a person wrote is apart from the item, whose row is rewritten with
-- every change of state.
CREATE TABLE draft (
	item   INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,
	fields BLOB NOT NULL -- message.Draft as JSON
);
INSERT INTO draft SELECT id, fields FROM item WHERE fields IS NOT NULL;
ALTER TABLE item DROP COLUMN fields;

-- The words of each item; the texts themselves are not kept twice. Up to three
-- letters of a word are looked up directly, as a person types.
CREATE VIRTUAL TABLE search USING fts5 (
	subject, people, message_id, text,
	content = '', contentless_delete = 1, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO search (rowid, subject, people, message_id, text)
	SELECT id, subject,
		sender || ' ' || people || ' ' || coalesce((SELECT group_concat(address, ' ') FROM recipient WHERE item = id), ''),
		message_id, ''
	FROM item;
CREATE TRIGGER search_delete AFTER DELETE ON item BEGIN
	DELETE FROM search WHERE rowid = old.id;
END;
