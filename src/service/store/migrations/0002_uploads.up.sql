-- Uploads in several requests and their stored parts. A part's object exists before its row and is
-- deleted before it (docs/promises.md, P5). `owner` is opaque text.

CREATE TABLE upload_sessions (
  id TEXT PRIMARY KEY NOT NULL,
  owner TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('chunked', 'tus')),
  state TEXT NOT NULL CHECK (state IN (
    'active', 'assembling', 'completed', 'failed', 'cancelled', 'expired')),
  filename TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  sha256 TEXT NOT NULL CHECK (length(sha256) IN (0, 64)),
  chunk_bytes INTEGER NOT NULL CHECK ((kind = 'tus') = (chunk_bytes = 0)),
  model TEXT NOT NULL,
  language TEXT NOT NULL,
  options_json TEXT NOT NULL,
  media_id TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  job_id TEXT NOT NULL DEFAULT '',
  content_sha256 TEXT NOT NULL DEFAULT '',
  error_code TEXT NOT NULL DEFAULT '',
  error_message TEXT NOT NULL DEFAULT '',
  CHECK ((state = 'completed') = (job_id <> '')),
  CHECK ((state = 'failed') = (error_code <> ''))
) STRICT;
CREATE INDEX upload_sessions_by_owner ON upload_sessions (owner, created_at, id);
-- For the cleaner: open ones by their end, ended ones by when.
CREATE INDEX upload_sessions_open ON upload_sessions (expires_at)
  WHERE state IN ('active', 'assembling');
CREATE INDEX upload_sessions_ended ON upload_sessions (updated_at)
  WHERE state NOT IN ('active', 'assembling');

CREATE TABLE upload_parts (
  session_id TEXT NOT NULL REFERENCES upload_sessions (id),
  offset INTEGER NOT NULL CHECK (offset >= 0),
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  blob_key TEXT NOT NULL UNIQUE,
  PRIMARY KEY (session_id, offset)
) STRICT, WITHOUT ROWID;
