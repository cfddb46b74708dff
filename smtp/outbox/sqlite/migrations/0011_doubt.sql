-- Whether an earlier copy may have arrived, though another is sent; of mail that
-- was sent again before, nobody knows any more.
ALTER TABLE recipient ADD COLUMN doubt INTEGER NOT NULL DEFAULT 0;
