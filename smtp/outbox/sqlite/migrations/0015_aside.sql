-- The recipients, as a JSON array, that are in no transaction yet of the try that
-- is under way; empty while all are.
ALTER TABLE item ADD COLUMN aside TEXT NOT NULL DEFAULT '';
