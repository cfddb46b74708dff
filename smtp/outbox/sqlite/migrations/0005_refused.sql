-- A fingerprint of the secret that a login was refused with.
ALTER TABLE parking ADD COLUMN refused TEXT NOT NULL DEFAULT '';
