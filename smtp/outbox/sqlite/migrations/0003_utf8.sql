-- Whether the header has more than ASCII in the raw. Earlier mail has not.
ALTER TABLE item ADD COLUMN utf8 INTEGER NOT NULL DEFAULT 0;
