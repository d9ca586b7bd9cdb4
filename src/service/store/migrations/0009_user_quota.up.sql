-- Bytes that a user's recordings may take: NULL is what the server's settings say for everybody, 0 is no limit.
ALTER TABLE users ADD COLUMN storage_quota_bytes INTEGER
  CHECK (storage_quota_bytes IS NULL OR storage_quota_bytes >= 0);
