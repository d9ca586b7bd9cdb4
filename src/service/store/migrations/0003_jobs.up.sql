-- Recordings, jobs, their results and events. The constraints below state the promises P2 to P5 once
-- more than the code does. `owner` is opaque text: single-user mode has no user rows.
-- Times are milliseconds of the wall clock; columns *_boot and *_until are of the clock that does
-- not step, valid for the boot that stands beside them.

CREATE TABLE media (
  id TEXT PRIMARY KEY NOT NULL,
  owner TEXT NOT NULL,
  blob_key TEXT NOT NULL UNIQUE,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  filename TEXT NOT NULL,
  container TEXT NOT NULL,
  duration_s REAL,
  sample_rate INTEGER,
  channels INTEGER,
  has_video INTEGER NOT NULL CHECK (has_video IN (0, 1)),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX media_by_content ON media (owner, sha256);

CREATE TABLE batches (
  id TEXT PRIMARY KEY NOT NULL,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  model TEXT NOT NULL,
  language TEXT NOT NULL,
  priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  parallel_max INTEGER NOT NULL CHECK (parallel_max BETWEEN 1 AND 100),
  rejected INTEGER NOT NULL CHECK (rejected >= 0),
  rejected_json TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  cancelled_at INTEGER
) STRICT;
CREATE INDEX batches_by_owner ON batches (owner, created_at, id);

CREATE TABLE jobs (
  id TEXT PRIMARY KEY NOT NULL,
  owner TEXT NOT NULL,
  media_id TEXT NOT NULL REFERENCES media (id),
  batch_id TEXT REFERENCES batches (id),
  held INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN (
    'queued', 'retry_wait', 'running', 'succeeded', 'failed', 'cancelled', 'expired')),
  failure TEXT NOT NULL DEFAULT 'none' CHECK (failure IN (
    'none', 'timeout', 'launch_error', 'whisper_error', 'thread_exception', 'unknown')),
  error_code TEXT NOT NULL DEFAULT '',
  error_message TEXT NOT NULL DEFAULT '',
  dead_letter INTEGER NOT NULL DEFAULT 0 CHECK (dead_letter IN (0, 1)),
  priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  claim_rank INTEGER NOT NULL,
  model TEXT NOT NULL,
  language TEXT NOT NULL,
  options_json TEXT NOT NULL,
  detected_language TEXT NOT NULL DEFAULT '',
  stage TEXT NOT NULL DEFAULT 'waiting' CHECK (stage IN (
    'waiting', 'loading', 'decoding', 'transcribing', 'enriching', 'done')),
  seconds_done REAL NOT NULL DEFAULT 0,
  seconds_total REAL NOT NULL DEFAULT 0,
  speed REAL NOT NULL DEFAULT 0,
  segments INTEGER NOT NULL DEFAULT 0,
  cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
  attempt INTEGER NOT NULL DEFAULT 0,
  attempts_max INTEGER NOT NULL CHECK (attempts_max BETWEEN 1 AND 100),
  rescues INTEGER NOT NULL DEFAULT 0,
  run INTEGER NOT NULL DEFAULT 1,
  run_boot_id TEXT NOT NULL,
  run_boot_ms INTEGER NOT NULL,
  run_began_at INTEGER NOT NULL,
  lease_owner TEXT,
  lease_token TEXT,
  lease_boot_id TEXT,
  lease_until INTEGER,
  lease_expires_at INTEGER,
  claimed_boot_ms INTEGER NOT NULL DEFAULT 0,
  due_boot_id TEXT NOT NULL DEFAULT '',
  due_boot_ms INTEGER NOT NULL DEFAULT 0,
  result_ref TEXT REFERENCES results (id) DEFERRABLE INITIALLY DEFERRED,
  request_id TEXT NOT NULL,
  event_seq INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  status TEXT NOT NULL GENERATED ALWAYS AS (CASE state
    WHEN 'queued' THEN 'queued'
    WHEN 'retry_wait' THEN 'queued'
    WHEN 'running' THEN iif(stage = 'enriching', 'enriching', 'processing')
    WHEN 'succeeded' THEN 'completed'
    WHEN 'cancelled' THEN 'cancelled'
    WHEN 'expired' THEN 'failed_timeout'
    ELSE iif(failure = 'none', 'failed', 'failed_' || failure) END) STORED,
  CHECK ((state IN ('succeeded', 'failed', 'cancelled', 'expired')) = (finished_at IS NOT NULL)),
  CHECK ((state = 'running') = (lease_token IS NOT NULL)),
  CHECK ((lease_token IS NULL) = (lease_owner IS NULL)),
  CHECK ((lease_token IS NULL) = (lease_boot_id IS NULL)),
  CHECK ((lease_token IS NULL) = (lease_until IS NULL)),
  CHECK ((state = 'succeeded') = (result_ref IS NOT NULL)),
  CHECK (attempt BETWEEN 0 AND attempts_max),
  CHECK (state <> 'running' OR attempt > 0),
  CHECK (failure = 'none' OR state IN ('failed', 'expired')),
  CHECK (held = 0 OR state = 'queued' OR state = 'cancelled'),
  CHECK (dead_letter = 0 OR state = 'failed')
) STRICT;
CREATE UNIQUE INDEX jobs_by_owner_id ON jobs (owner, id);
CREATE INDEX jobs_by_owner_created ON jobs (owner, created_at, id);
CREATE INDEX jobs_by_owner_updated ON jobs (owner, updated_at, id);
CREATE INDEX jobs_by_owner_status ON jobs (owner, status, created_at, id);
CREATE INDEX jobs_by_owner_model ON jobs (owner, model, created_at, id);
CREATE INDEX jobs_by_created ON jobs (created_at, id);
CREATE INDEX jobs_by_status ON jobs (status, created_at, id);
CREATE INDEX jobs_by_batch ON jobs (batch_id, status) WHERE batch_id IS NOT NULL;
CREATE INDEX jobs_by_media ON jobs (media_id);
CREATE INDEX jobs_by_result ON jobs (result_ref) WHERE result_ref IS NOT NULL;
CREATE INDEX jobs_queued ON jobs (owner, claim_rank, id) WHERE state = 'queued' AND held = 0;
CREATE INDEX jobs_waiting ON jobs (due_boot_id, due_boot_ms) WHERE state = 'retry_wait';
CREATE INDEX jobs_running ON jobs (lease_boot_id, lease_until, id) WHERE state = 'running';
CREATE INDEX jobs_unfinished ON jobs (run_boot_id, run_boot_ms, id)
  WHERE state IN ('queued', 'retry_wait', 'running') AND held = 0;
CREATE INDEX jobs_dead ON jobs (created_at, id) WHERE dead_letter = 1;

CREATE TABLE idempotency_keys (
  owner TEXT NOT NULL,
  key TEXT NOT NULL,
  digest TEXT NOT NULL,
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_job ON idempotency_keys (job_id);

CREATE TABLE results (
  id TEXT PRIMARY KEY NOT NULL,
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  owner TEXT NOT NULL,
  run INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  blob_key TEXT NOT NULL UNIQUE,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  detected_language TEXT NOT NULL,
  duration_s REAL NOT NULL,
  speech_s REAL NOT NULL,
  processing_ms INTEGER NOT NULL,
  words INTEGER NOT NULL,
  text TEXT NOT NULL,
  metadata_json TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- One success for each run of a job (P3).
  UNIQUE (job_id, run)
) STRICT;
CREATE INDEX results_by_time ON results (created_at);

CREATE TABLE job_events (
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  type TEXT NOT NULL,
  data_json TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (job_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  job_id TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  data BLOB NOT NULL,
  saved_at INTEGER NOT NULL
) STRICT;

CREATE TABLE blob_tombstones (
  blob_key TEXT PRIMARY KEY NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE job_owners (
  owner TEXT PRIMARY KEY NOT NULL,
  jobs INTEGER NOT NULL DEFAULT 0 CHECK (jobs >= 0),
  jobs_created INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0),
  audio_ms INTEGER NOT NULL DEFAULT 0,
  last_served INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX job_owners_by_service ON job_owners (last_served);

CREATE TABLE job_counts (
  owner TEXT NOT NULL,
  status TEXT NOT NULL,
  jobs INTEGER NOT NULL CHECK (jobs >= 0),
  PRIMARY KEY (owner, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
  id TEXT PRIMARY KEY NOT NULL,
  host TEXT NOT NULL,
  process_id INTEGER NOT NULL,
  slots INTEGER NOT NULL,
  job_ids_json TEXT NOT NULL,
  models_json TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  heartbeat_at INTEGER NOT NULL,
  beat_boot_id TEXT NOT NULL,
  beat_boot_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE runtime_settings (
  name TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

-- P4: a terminal state is left by a restart only, which begins another run.
CREATE TRIGGER jobs_end_once BEFORE UPDATE OF state ON jobs
WHEN OLD.finished_at IS NOT NULL AND NOT (NEW.state = 'queued' AND NEW.run = OLD.run + 1)
  AND NEW.state <> OLD.state
BEGIN
  SELECT RAISE(ABORT, 'terminal states are final');
END;

-- Counters and the history of a job change with it, whoever changes it.
CREATE TRIGGER jobs_added AFTER INSERT ON jobs
BEGIN
  INSERT INTO job_owners (owner, jobs, jobs_created) VALUES (NEW.owner, 1, 1)
    ON CONFLICT (owner) DO UPDATE SET jobs = jobs + 1, jobs_created = jobs_created + 1;
  INSERT INTO job_counts (owner, status, jobs) VALUES (NEW.owner, NEW.status, 1)
    ON CONFLICT (owner, status) DO UPDATE SET jobs = jobs + 1;
  UPDATE jobs SET event_seq = 1 WHERE id = NEW.id;
  INSERT INTO job_events (job_id, seq, type, data_json, time) VALUES (NEW.id, 1, 'status',
    '{"status":"' || NEW.status || '","attempt":' || NEW.attempt || ',"run":' || NEW.run || '}',
    NEW.updated_at);
END;

CREATE TRIGGER jobs_moved AFTER UPDATE ON jobs
WHEN NEW.status <> OLD.status
BEGIN
  UPDATE job_counts SET jobs = jobs - 1 WHERE owner = OLD.owner AND status = OLD.status;
  INSERT INTO job_counts (owner, status, jobs) VALUES (NEW.owner, NEW.status, 1)
    ON CONFLICT (owner, status) DO UPDATE SET jobs = jobs + 1;
  UPDATE jobs SET event_seq = event_seq + 1 WHERE id = NEW.id;
  INSERT INTO job_events (job_id, seq, type, data_json, time)
    SELECT NEW.id, event_seq, 'status',
      '{"status":"' || NEW.status || '","attempt":' || NEW.attempt || ',"run":' || NEW.run || '}',
      NEW.updated_at
    FROM jobs WHERE id = NEW.id;
END;

CREATE TRIGGER jobs_removed AFTER DELETE ON jobs
BEGIN
  UPDATE job_counts SET jobs = jobs - 1 WHERE owner = OLD.owner AND status = OLD.status;
  UPDATE job_owners SET jobs = jobs - 1 WHERE owner = OLD.owner;
END;

CREATE TRIGGER media_added AFTER INSERT ON media
BEGIN
  INSERT INTO job_owners (owner, bytes) VALUES (NEW.owner, NEW.bytes)
    ON CONFLICT (owner) DO UPDATE SET bytes = bytes + NEW.bytes;
END;

-- P5: the row goes before the blob; what is left on the disk after a crash is known.
CREATE TRIGGER media_removed AFTER DELETE ON media
BEGIN
  UPDATE job_owners SET bytes = bytes - OLD.bytes WHERE owner = OLD.owner;
  INSERT OR IGNORE INTO blob_tombstones (blob_key, created_at)
    VALUES (OLD.blob_key, unixepoch() * 1000);
END;

CREATE TRIGGER results_added AFTER INSERT ON results
BEGIN
  UPDATE job_owners SET bytes = bytes + NEW.bytes,
    audio_ms = audio_ms + CAST(NEW.duration_s * 1000 AS INTEGER)
    WHERE owner = NEW.owner;
END;

CREATE TRIGGER results_removed AFTER DELETE ON results
BEGIN
  UPDATE job_owners SET bytes = bytes - OLD.bytes WHERE owner = OLD.owner;
  INSERT OR IGNORE INTO blob_tombstones (blob_key, created_at)
    VALUES (OLD.blob_key, unixepoch() * 1000);
END;
