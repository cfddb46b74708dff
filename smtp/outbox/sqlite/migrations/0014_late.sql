-- What may be late: mail that was scheduled, also if it was queued since by a try
-- that reached nobody.
CREATE INDEX item_late ON item (not_before) WHERE not_before > 0 AND state IN ('scheduled', 'queued');
