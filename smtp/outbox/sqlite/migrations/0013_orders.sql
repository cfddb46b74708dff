-- The orders of a list, so that a page of it takes no time by the length of the
-- history.
CREATE INDEX item_by_subject ON item (subject COLLATE NOCASE, id DESC);
CREATE INDEX item_by_change ON item (updated, id);
CREATE INDEX item_by_size ON item (size, id);
