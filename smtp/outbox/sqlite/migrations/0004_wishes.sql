-- What the author asked for beyond the content, message.Wishes as JSON; empty
-- for nothing. Earlier mail asked for nothing.
ALTER TABLE item ADD COLUMN wishes TEXT NOT NULL DEFAULT '';
