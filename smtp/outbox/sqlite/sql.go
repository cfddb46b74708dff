package sqlite

// Every statement but the migrations. Times are microseconds, 0 for none.
const (
	sqlVersion     = `PRAGMA data_version`
	sqlGiveBack    = `PRAGMA auto_vacuum = incremental`
	sqlUseWAL      = `PRAGMA journal_mode = wal`
	sqlCopy        = `VACUUM INTO ?`
	sqlSetVersion  = `PRAGMA application_id = %d; PRAGMA user_version = %d`
	sqlReadVersion = `SELECT
		(SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version),
		(SELECT count(*) FROM sqlite_schema)`

	sqlInsertItem = `INSERT INTO item
		(state, account, message_id, sender, subject, size, utf8, wishes, date, created, updated, not_before, since, due)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	sqlReadOnce        = `SELECT count(*) FROM once WHERE key = ? AND at > ?`
	sqlForgetOnce      = `DELETE FROM once WHERE at <= ?`
	sqlInsertOnce      = `INSERT OR IGNORE INTO once (key, at) VALUES (?, ?)`
	sqlInsertRecipient = `INSERT INTO recipient (item, n, address, state) VALUES (?, ?, ?, ?)`
	sqlInsertChunk     = `INSERT INTO chunk (item, n, bytes, crc) VALUES (?, ?, ?, ?)`
	sqlReadSize        = `SELECT size, date FROM item WHERE id = ?`
	sqlReadChunk       = `SELECT bytes, crc FROM chunk WHERE item = ? AND n = ?`
	sqlReadContents    = `SELECT id, size, date, bytes, crc FROM item JOIN chunk ON item = id
		WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id, n`
	sqlDeleteItem = `DELETE FROM item WHERE id = ?`
	sqlSweep      = `DELETE FROM item WHERE id IN (SELECT id FROM item WHERE state = ? AND updated < ?
		AND NOT EXISTS (SELECT 1 FROM copy WHERE copy.item = item.id AND done = 0) ORDER BY id LIMIT ?)`
	sqlShrink     = `PRAGMA incremental_vacuum`
	sqlPurgeIndex = `INSERT INTO search (search) VALUES ('optimize')`
	sqlEmptyLog   = `PRAGMA wal_checkpoint(truncate)`

	sqlInsertDraft = `INSERT INTO item (state, account, sender, subject, people, created, updated)
		VALUES ('draft', ?, ?, ?, ?, ?, ?)`
	sqlUpdateDraft = `UPDATE item SET account = ?, sender = ?, subject = ?, people = ?, updated = ?
		WHERE id = ?`
	sqlWriteFields    = `INSERT INTO draft (item, fields) VALUES (?, ?) ON CONFLICT (item) DO UPDATE SET fields = excluded.fields`
	sqlReadFields     = `SELECT fields FROM item LEFT JOIN draft ON item = id WHERE id = ?`
	sqlReadState      = `SELECT state FROM item WHERE id = ?`
	sqlReadDraftState = `SELECT state, updated FROM item WHERE id = ?`
	sqlMakeDraft      = `UPDATE item SET message_id = '', sender = ?, people = ?, size = 0, utf8 = 0, wishes = '', attempts = 0 WHERE id = ?`
	sqlNoCopy         = `DELETE FROM copy WHERE item = ?`
	sqlNoRecipients   = `DELETE FROM recipient WHERE item = ?`
	sqlNoChunks       = `DELETE FROM chunk WHERE item = ?`
	sqlNoAttempts     = `DELETE FROM attempt WHERE item = ?`
	sqlIndex          = `INSERT OR REPLACE INTO search (rowid, subject, people, message_id, text) VALUES (?, ?, ?, ?, ?)`

	// next_try is also told for a mail whose account waits for a moment.
	sqlColumns = sqlFirstColumns +
		`CASE item.state WHEN 'queued' THEN coalesce((SELECT until FROM parking WHERE parking.account = item.account), 0) ELSE item.next_try END` +
		sqlLastColumns
	sqlFirstColumns = `item.id, item.state, item.account, item.message_id, item.sender, item.subject, item.people, item.size, item.utf8, item.wishes, item.date,
		item.created, item.updated, item.not_before, item.since, `
	sqlLastColumns = `, item.committing, item.attempts, item.reply, item.problem,
		CASE item.state WHEN 'sending' THEN item.owner ELSE '' END, CASE item.state WHEN 'sending' THEN item.claimed ELSE 0 END`
	sqlReadItem       = `SELECT ` + sqlColumns + ` FROM item WHERE id = ?`
	sqlReadRecipients = `SELECT item, address, state, code, enhanced, text, tries, next_try, doubt FROM recipient
		WHERE item IN (SELECT value FROM json_each(?)) ORDER BY item, n`
	sqlCounts = `SELECT state, n FROM tally WHERE n > 0
		UNION ALL SELECT 'needs you', count(*) FROM item WHERE needs = 1 HAVING count(*) > 0`
	sqlFind = `SELECT group_concat(rowid) || ',' FROM search WHERE search MATCH ?`
	sqlMost = `SELECT state FROM tally ORDER BY n DESC LIMIT 1`
	// Of the found ?1, those that are in another state than ?2; in two ranges of
	// the index.
	sqlCountFound = `SELECT state, count(*) FROM item WHERE state < ?2 AND ` + sqlFound + ` GROUP BY state
		UNION ALL SELECT state, count(*) FROM item WHERE state > ?2 AND ` + sqlFound + ` GROUP BY state
		UNION ALL SELECT 'needs you', count(*) FROM item WHERE needs = 1 AND ` + sqlFound + ` HAVING count(*) > 0`
	sqlFound       = `substr(?1, item.id, 1) = x'01'`
	sqlCountStates = `SELECT (SELECT coalesce(sum(n), 0) FROM tally WHERE state IN (SELECT value FROM json_each(?1))) +
		iif(?2, (SELECT count(*) FROM item WHERE needs = 1), 0)`
	// Of the columns beside max, SQLite takes the row that has it.
	sqlCorrespondents = `SELECT address, mails, last, coalesce(iif(json_valid(CAST(fields AS TEXT)),
			concat_ws(', ', json_extract(CAST(fields AS TEXT), '$.to'), json_extract(CAST(fields AS TEXT), '$.cc'), json_extract(CAST(fields AS TEXT), '$.bcc')), ''), '')
		FROM (SELECT address, count(*) AS mails, max(item.created) AS last, item.id AS latest
			FROM recipient JOIN item ON item.id = recipient.item WHERE recipient.state <> 'rejected'
			GROUP BY address ORDER BY last DESC, address LIMIT ?)
		LEFT JOIN draft ON draft.item = latest ORDER BY last DESC, address`
	sqlReadAttempts = `SELECT n, started, elapsed, stage, code, enhanced, text, bytes, waits, transcript
		FROM attempt WHERE item = ? ORDER BY n`

	sqlUpdateItem = `UPDATE item SET state = ?, updated = ?, not_before = ?, since = ?, next_try = ?, due = ?,
		committing = 0, reply = ?, problem = ?, date = ?, needs = ? WHERE id = ?`
	sqlUpdateRecipient = `UPDATE recipient SET state = ?, code = ?, enhanced = ?, text = ?, tries = ?, next_try = ?, doubt = ?
		WHERE item = ? AND n = ?`
	sqlReassign      = `UPDATE item SET account = ? WHERE id = ?`
	sqlReassignDraft = `UPDATE draft SET fields = CAST(json_set(CAST(fields AS TEXT), '$.account', ?) AS BLOB)
		WHERE item = ? AND json_valid(CAST(fields AS TEXT))`
	sqlCountAttempt = `UPDATE item SET attempts = attempts + 1 WHERE id = ?`

	// The accounts that have mail waiting, found by leaps through the index,
	// each with when it is due or its account may go on.
	sqlDue = `WITH RECURSIVE waiting (account) AS (
			SELECT min(account) FROM item WHERE due IS NOT NULL
			UNION ALL
			SELECT (SELECT min(account) FROM item WHERE due IS NOT NULL AND account > waiting.account)
			FROM waiting WHERE waiting.account IS NOT NULL)
		SELECT account,
			(SELECT min(due) FROM item WHERE due IS NOT NULL AND item.account = waiting.account),
			(SELECT until FROM parking WHERE parking.account = waiting.account)
		FROM waiting WHERE account IS NOT NULL`
	// The same among few mails, or of one account.
	sqlDueOnly = `SELECT account, min(due), (SELECT until FROM parking WHERE parking.account = item.account)
		FROM item WHERE due IS NOT NULL AND (?1 = '' OR account = ?1) AND (?2 = '[]' OR id IN (SELECT value FROM json_each(?2)))
		GROUP BY account ORDER BY account`
	sqlNextLease = `SELECT coalesce(min(lease_until), 0) FROM item WHERE state = 'sending'`

	// OR ROLLBACK as for what is done to several mails at once, below.
	// LIMIT ?5 alone would have the statement compiled each time, to fit the limit.
	sqlClaim     = `UPDATE OR ROLLBACK item SET ` + sqlTake + ` WHERE id IN (SELECT id FROM item WHERE ` + sqlIsDue + ` ORDER BY due, id LIMIT ?5 + 0) RETURNING ` + sqlClaimed
	sqlClaimOnly = `UPDATE OR ROLLBACK item SET ` + sqlTake + ` WHERE id IN (SELECT id FROM item WHERE ` + sqlIsDue + ` AND id IN (SELECT value FROM json_each(?7)) ORDER BY due, id LIMIT ?5 + 0) RETURNING ` + sqlClaimed
	sqlClaimed   = sqlFirstColumns + `item.next_try` + sqlLastColumns + `, item.claims`
	sqlTake      = `state = 'sending', due = NULL, next_try = 0, updated = ?2, claimed = ?2,
		owner = ?3, lease_until = ?4, claims = claims + 1, committing = 0, aside = ''`
	sqlIsDue = `account = ?1 AND due <= ?2 AND NOT (not_before > 0 AND not_before < ?6 AND ` + sqlUnasked + `) AND NOT EXISTS
		(SELECT 1 FROM parking WHERE parking.account = item.account AND (until = 0 OR until > ?2))`

	sqlReadMode = `PRAGMA journal_mode`
	sqlReport   = `INSERT INTO progress (item, claim, octets, total, rate, at)
		SELECT id, claims, ?3, ?4, ?5, ?6 FROM item WHERE id = ?1 AND claims = ?2 AND state = 'sending'
		ON CONFLICT (item) DO UPDATE SET claim = excluded.claim, octets = excluded.octets, total = excluded.total,
			rate = excluded.rate, at = excluded.at`
	sqlReadProgress = `SELECT item, octets, total, rate, at FROM progress JOIN item ON item.id = progress.item
		WHERE item IN (SELECT value FROM json_each(?)) AND claim = claims AND state = 'sending'`

	sqlRenew     = `UPDATE item SET lease_until = ? WHERE id = ? AND claims = ? AND state = 'sending'`
	sqlParted    = `UPDATE item SET committing = 0 WHERE id = ? AND claims = ? AND state = 'sending'`
	sqlAside     = `UPDATE item SET aside = ? WHERE id = ? AND claims = ? AND state = 'sending'`
	sqlReadClaim = `SELECT claims FROM item WHERE id = ?`
	sqlLeases    = `SELECT id, owner, lease_until, claimed, aside FROM item WHERE state = 'sending' ORDER BY id`

	sqlLate = `SELECT id FROM item WHERE not_before > 0 AND state IN ('scheduled', 'queued') AND not_before < ? AND ` + sqlUnasked + ` ORDER BY id`
	// That no server was asked to take a mail since it was scheduled.
	sqlUnasked = `(item.state = 'scheduled' OR item.state = 'queued' AND NOT EXISTS
		(SELECT 1 FROM recipient WHERE recipient.item = item.id AND (recipient.state <> 'pending' OR tries > 0)))`

	// Waits and leases that end after ?1 were begun when the clock was wrong; they end at ?2.
	sqlWrongWaits = `SELECT EXISTS (SELECT 1 FROM item WHERE state = 'deferred' AND next_try > ?1)
		OR EXISTS (SELECT 1 FROM parking WHERE until > ?1)
		OR EXISTS (SELECT 1 FROM item WHERE state = 'sending' AND lease_until > ?1)`
	sqlEndRecipients = `UPDATE recipient SET next_try = ?2 WHERE next_try > ?1 AND item IN (SELECT id FROM item WHERE state = 'deferred')`
	sqlEndItems      = `UPDATE item SET next_try = ?2, due = ?2 WHERE state = 'deferred' AND next_try > ?1`
	sqlEndParking    = `UPDATE parking SET until = ?2 WHERE until > ?1`
	sqlEndLeases     = `UPDATE item SET lease_until = ?2 WHERE state = 'sending' AND lease_until > ?1`

	sqlInsertNotice = `INSERT INTO notice (item, state, at) VALUES (?, ?, ?)`
	// A lease that ends after ?2 was begun when the clock was wrong.
	sqlFreeNotice = `FROM notice WHERE until <= ?1 OR until > ?2`
	sqlAnyNotice  = `SELECT EXISTS (SELECT 1 ` + sqlFreeNotice + `)`
	sqlTakeNotice = `UPDATE notice SET until = ?2 WHERE n = (SELECT min(n) ` + sqlFreeNotice + `) RETURNING n, item, state, at`
	sqlDropNotice = `DELETE FROM notice WHERE n = ?`

	sqlPark = `INSERT INTO parking (account, reason, since, until, misses, refused) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET reason = excluded.reason, until = excluded.until, misses = excluded.misses,
			refused = excluded.refused`
	sqlUnpark   = `DELETE FROM parking WHERE account = ?`
	sqlEndWaits = `UPDATE parking SET until = ?1 WHERE until > ?1 AND (?2 = '[]' OR account IN (SELECT value FROM json_each(?2)))`
	sqlReached  = `DELETE FROM parking WHERE account = ? AND until <> 0`
	sqlMisses   = `SELECT coalesce(sum(misses), 0) FROM parking WHERE account = ?`
	sqlParked   = `SELECT account, reason, since, until, misses, refused,
			EXISTS (SELECT 1 FROM item WHERE due IS NOT NULL AND item.account = parking.account)
		FROM parking ORDER BY account`
)

// Copies for the person's own folders.
const (
	sqlInsertCopy     = `INSERT INTO copy (item, folder) VALUES (?, ?)`
	sqlNoOpenCopy     = `DELETE FROM copy WHERE item = ? AND done = 0`
	sqlInsertCopyOnce = `INSERT OR IGNORE INTO copy (item, folder) VALUES (?, ?)`
	sqlReadCopy       = `SELECT item, folder, tries, next_try, done, problem FROM copy WHERE item = ?`
	sqlClaimCopies    = `UPDATE copy SET tries = tries + 1, next_try = ?2 WHERE item IN (
			SELECT item FROM copy WHERE done = 0 AND (next_try <= ?1 OR next_try > ?4)
				AND (SELECT state FROM item WHERE id = copy.item) <> 'sending'
				AND EXISTS (SELECT 1 FROM recipient WHERE recipient.item = copy.item AND recipient.state = 'accepted')
			ORDER BY item LIMIT ?3)
		RETURNING item, folder, tries, next_try, done, problem`
	sqlEndCopy = `UPDATE copy SET next_try = ?, done = ?, problem = ? WHERE item = ?`
)

// What is taken out of a damaged file, each on its own.
const (
	sqlCheck           = `PRAGMA quick_check(1)`
	sqlWreckItem       = `SELECT * FROM item WHERE id = ?`
	sqlWreckDraft      = `SELECT fields FROM draft WHERE item = ?`
	sqlWreckRecipients = `SELECT * FROM recipient WHERE item = ? ORDER BY n`
	sqlWreckChunks     = `SELECT * FROM chunk WHERE item = ? ORDER BY n`
	sqlWreckAttempts   = `SELECT * FROM attempt WHERE item = ? ORDER BY n`
	sqlWreckCopies     = `SELECT * FROM copy WHERE item = ?`
	sqlWreckTable      = `SELECT * FROM %s ORDER BY %s %s`
	sqlWreckInsert     = `INSERT INTO %s (%s) VALUES (%s)`
	sqlWreckAdd        = `INSERT OR IGNORE INTO %s (%s) VALUES (%s)`
	sqlWreckDefer      = `PRAGMA defer_foreign_keys = on`
	sqlWreckNoItem     = `DELETE FROM notice WHERE item NOT IN (SELECT id FROM item)`
	sqlWreckToDraft    = `INSERT INTO item (id, state, account, sender, subject, people, created, updated)
		VALUES (?, 'draft', ?, ?, ?, ?, ?, ?)`
)

// sqlWreckIDs tells the mails after one, each from another part of the file.
var sqlWreckIDs = []string{
	`SELECT id FROM item NOT INDEXED WHERE id > ? ORDER BY id`,
	`SELECT item FROM draft WHERE item > ? ORDER BY item`,
	`SELECT item FROM recipient WHERE item > ? ORDER BY item, n`,
	`SELECT item FROM chunk WHERE item > ? ORDER BY item, n`,
}

// What is done to several mails at once. The whole transaction fails with any of
// it, so that SQLite need not be able to take back one statement alone.
var (
	sqlCommitting = group(`WITH lease (item, n) AS (VALUES %s)
		UPDATE OR ROLLBACK item SET committing = 1 FROM lease WHERE id = lease.item AND claims = lease.n AND state = 'sending'`, 2)
	// The ends of the claims that still hold.
	sqlFinish = group(`WITH finished (item, lease, state, updated, next_try, due, reply, problem, tried, needs) AS (VALUES %s)
		UPDATE OR ROLLBACK item SET state = f.state, updated = f.updated, next_try = f.next_try, due = f.due, committing = 0,
			reply = CASE f.reply WHEN '' THEN item.reply ELSE f.reply END, problem = f.problem,
			attempts = attempts + f.tried, needs = f.needs
		FROM finished AS f WHERE id = f.item AND claims = f.lease AND item.state = 'sending'
		RETURNING id, claims, account, attempts`, 10)
	sqlFinishRecipients = group(`WITH told (item, n, state, code, enhanced, text, tries, next_try, doubt) AS (VALUES %s)
		UPDATE OR ROLLBACK recipient SET state = t.state, code = t.code, enhanced = t.enhanced, text = t.text, tries = t.tries, next_try = t.next_try,
			doubt = t.doubt
		FROM told AS t WHERE recipient.item = t.item AND recipient.n = t.n`, 9)
	sqlInsertAttempts = group(`INSERT OR ROLLBACK INTO attempt
		(item, n, started, elapsed, stage, code, enhanced, text, bytes, waits, transcript) VALUES %s`, 11)
)

// sqlDeliver is what each delivery takes.
var sqlDeliver = []string{
	sqlClaim, sqlReadRecipients, sqlMisses, sqlReached, sqlCommitting.one, sqlCommitting.many, sqlFinish.one, sqlFinish.many,
	sqlFinishRecipients.one, sqlFinishRecipients.many, sqlInsertAttempts.one, sqlInsertAttempts.many,
}
