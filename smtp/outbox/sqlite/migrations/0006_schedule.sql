-- What the Date field of a mail says, as in RFC 3339; empty when its content has
-- a field of its own.
ALTER TABLE item ADD COLUMN date TEXT NOT NULL DEFAULT '';

-- Whether the next step is the person's.
ALTER TABLE item ADD COLUMN needs INTEGER NOT NULL DEFAULT 0;
UPDATE item SET needs = 1 WHERE state IN ('partial', 'failed', 'uncertain') OR state = 'deferred'
	AND EXISTS (SELECT 1 FROM recipient WHERE recipient.item = item.id AND recipient.state = 'rejected');
CREATE INDEX item_needs ON item (id) WHERE needs = 1;
