ALTER TABLE users DROP COLUMN storage_quota_bytes;
