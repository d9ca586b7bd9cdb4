CREATE TABLE users (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL COLLATE NOCASE UNIQUE,
  -- NULL: none given.
  email TEXT COLLATE NOCASE UNIQUE,
  -- Empty: nobody can sign in as this user.
  password_hash TEXT NOT NULL,
  is_admin INTEGER NOT NULL CHECK (is_admin IN (0, 1)),
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  password_changed_at INTEGER NOT NULL,
  last_login_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE user_documents (
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  json TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, name)
) STRICT;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_wall INTEGER NOT NULL,
  expires_boot INTEGER NOT NULL,
  access_expires_wall INTEGER NOT NULL,
  access_expires_boot INTEGER NOT NULL,
  -- The boot that both *_boot columns count from.
  boot_id TEXT NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL,
  -- 0: goes on.
  ended_at INTEGER NOT NULL DEFAULT 0,
  end_reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_wall);

CREATE TABLE refresh_tokens (
  hash TEXT PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
) STRICT;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

CREATE TABLE tickets (
  hash TEXT PRIMARY KEY,
  credential TEXT NOT NULL,
  credential_id TEXT NOT NULL,
  expires_wall INTEGER NOT NULL,
  expires_boot INTEGER NOT NULL,
  boot_id TEXT NOT NULL
) STRICT;

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  description TEXT NOT NULL,
  prefix TEXT NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE,
  -- JSON arrays of texts.
  scopes TEXT NOT NULL,
  allowed_ips TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'revoked', 'expired', 'suspended')),
  hourly_limit INTEGER NOT NULL,
  daily_quota INTEGER NOT NULL,
  monthly_quota INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL DEFAULT 0,
  revoked_at INTEGER NOT NULL DEFAULT 0,
  requests_total INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at);
CREATE UNIQUE INDEX api_keys_names_in_use ON api_keys (user_id, name)
  WHERE status IN ('active', 'suspended');

CREATE TABLE api_key_usage_logs (
  id INTEGER PRIMARY KEY,
  key_id TEXT NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  method TEXT NOT NULL,
  route TEXT NOT NULL,
  status INTEGER NOT NULL,
  latency_ms INTEGER NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  limited INTEGER NOT NULL CHECK (limited IN (0, 1))
) STRICT;
CREATE INDEX api_key_usage_logs_by_key ON api_key_usage_logs (key_id, id);
CREATE INDEX api_key_usage_logs_by_time ON api_key_usage_logs (at);

CREATE TABLE api_key_usage_days (
  key_id TEXT NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
  day TEXT NOT NULL,
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  limited INTEGER NOT NULL,
  latency_ms_sum INTEGER NOT NULL,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  PRIMARY KEY (key_id, day)
) STRICT;

CREATE TABLE limit_records (
  id TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  until_wall INTEGER NOT NULL,
  until_boot INTEGER NOT NULL,
  boot_id TEXT NOT NULL
) STRICT;
CREATE INDEX limit_records_by_time ON limit_records (until_wall);

-- Grows with every change that may take rights away: what other processes' caches watch.
CREATE TABLE auth_generation (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  value INTEGER NOT NULL
) STRICT;
INSERT INTO auth_generation (id, value) VALUES (1, 0);

CREATE TABLE audit_entries (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  type TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  outcome TEXT NOT NULL CHECK (outcome IN ('success', 'failure', 'denied')),
  action TEXT NOT NULL,
  resource TEXT NOT NULL,
  request_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  detail TEXT NOT NULL,
  -- The personal part; NULL: erased.
  username TEXT,
  address TEXT,
  agent TEXT,
  personal_salt TEXT,
  personal_hash TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_entries_by_time ON audit_entries (time);
CREATE INDEX audit_entries_by_user ON audit_entries (user_id, seq);
CREATE INDEX audit_entries_by_type ON audit_entries (type, seq);

CREATE TABLE audit_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  pruned_seq INTEGER NOT NULL,
  pruned_hash TEXT NOT NULL
) STRICT;
INSERT INTO audit_head (id, seq, hash, pruned_seq, pruned_hash) VALUES (1, 0, '', 0, '');

-- Append-only: the personal part may be erased, nothing else may change.
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
WHEN NEW.seq IS NOT OLD.seq OR NEW.time IS NOT OLD.time OR NEW.type IS NOT OLD.type
  OR NEW.severity IS NOT OLD.severity OR NEW.outcome IS NOT OLD.outcome
  OR NEW.action IS NOT OLD.action OR NEW.resource IS NOT OLD.resource
  OR NEW.request_id IS NOT OLD.request_id OR NEW.user_id IS NOT OLD.user_id
  OR NEW.detail IS NOT OLD.detail OR NEW.personal_hash IS NOT OLD.personal_hash
  OR NEW.previous_hash IS NOT OLD.previous_hash OR NEW.hash IS NOT OLD.hash
  OR NEW.username IS NOT NULL OR NEW.address IS NOT NULL OR NEW.agent IS NOT NULL
  OR NEW.personal_salt IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'audit entries do not change');
END;
-- Only what retention has moved the head past may go.
CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries
WHEN OLD.seq > (SELECT pruned_seq FROM audit_head WHERE id = 1)
BEGIN
  SELECT RAISE(ABORT, 'audit entries are not deleted');
END;
