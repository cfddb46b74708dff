// Package outbox keeps every message until it is known what became of it.
//
// A [Store] holds items: mails with their envelope, content, recipients and
// attempts. A [Worker] takes those that are due to a server through a [Sender]
// and writes down what happened. Any number of processes may share a store.
//
// # States
//
//	SaveDraft          Put                       Retry by hand
//	    │               │                 ┌──────────────────────────┐
//	    ▼      Put      ▼                 ▼                          │
//	  draft ┄┄┄┄┄▶ held scheduled ──▶  queued ◀──────────┐           │
//	(replaced       ▲│     │   Release  │  ▲             │           │
//	 by the mail)   ││     │            │  │ not tried,  │           │
//	                │└─────┼──Release───┘  │ interrupted │           │
//	                Hold   │ claim    claim▼             │           │
//	                │      └──────────▶ sending ─────────┘           │
//	                │        claim     ▲   │  finish, recover        │
//	                └───── deferred ───┘   ▼                         │
//	                           ▲───────────┼──▶ sent                 │
//	                                       ├──▶ partial ─────────────┤
//	                                       ├──▶ failed ──────────────┤
//	                                       ├──▶ cancelled ───────────┤
//	                                       └──▶ uncertain ─ Resend ──┘
//	                                                └─ Resolve ▶ sent, partial, deferred, queued
//
//	  held, scheduled, queued, deferred ─ Cancel ─▶ cancelled, and uncertain if an
//	                                                earlier copy may have arrived
//
// The state of a mail that was tried follows from its recipients: one that is
// uncertain makes the mail uncertain, then one not yet tried makes it queued,
// then one put off makes it deferred; after that it is sent, failed or, with
// both kinds, partial. Everything but a mail being sent can be deleted.
//
// Two more ways lead about: Schedule makes a mail scheduled that is held,
// scheduled, queued, deferred or cancelled, and TakeBack makes it a draft again as
// long as nobody has got it. What was scheduled for a moment long over, and no
// server was asked to take yet, can be held back until a person says what is to
// become of it.
//
// Reassign gives a mail that is not being sent, and that somebody may still be
// sent, to another account, and leaves its state as it is.
//
// A mail that was sent again without anybody knowing whether it had arrived
// keeps that doubt until it has: cancelled, it is uncertain again, and it can't
// be taken back.
//
// # Never twice
//
// A mail is claimed with a [Lease], which runs out unless it is renewed. Each
// claim of a mail has a number of its own, so what an earlier holder says is
// told apart from what the present one says. Before the end of the content
// goes out, Committing writes so to disk, and refuses when the lease is lost.
// When a lease runs out, [Store] Recover makes the mail queued if that mark is
// missing, and uncertain, which only a person resolves, if it is there. A mail
// that goes out in parts, for so many recipients at a time, is marked for each
// part, and Part takes the mark away with the outcomes of the one that is done.
// Aside names, before that, those who are in no part yet: they are in no doubt.
// Outcomes are written a moment after the session told them, several at once
// when many come; a crash in that moment leaves mails uncertain too.
//
// # When to try again
//
// What one recipient or one mail was told is that mail's trouble, and waits
// with it. What happens before the first mail of a session is its account's
// trouble: the account waits, for a moment or for a person, and its mail stays
// as it was. See [Policy].
package outbox
