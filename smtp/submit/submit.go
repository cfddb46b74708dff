// Package submit joins an account, its secret and the SMTP engine: it opens
// sessions for the outbox, probes accounts, and puts trouble into words.
package submit
