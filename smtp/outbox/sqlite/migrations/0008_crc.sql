-- CRC-32C of the bytes, to tell what a bad disk made of them; null for earlier
-- mail.
ALTER TABLE chunk ADD COLUMN crc INTEGER;
