-- Edited transcripts. A row of turns or speakers lives from revision `rev` until `until_rev` (NULL:
-- it is live); rows that are not live stay while a version needs them.

CREATE TABLE documents (
  job_id TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  owner TEXT NOT NULL,
  -- The machine's transcript that it was made from last, and the revision that did it.
  result_id TEXT NOT NULL,
  machine_revision INTEGER NOT NULL CHECK (machine_revision BETWEEN 1 AND revision),
  revision INTEGER NOT NULL CHECK (revision >= 1),
  -- What was deleted before is not known any more.
  oldest_since INTEGER NOT NULL CHECK (oldest_since BETWEEN 1 AND revision),
  language TEXT NOT NULL,
  duration_s REAL NOT NULL,
  turns INTEGER NOT NULL CHECK (turns >= 0),
  words INTEGER NOT NULL CHECK (words >= 0),
  edited_by TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE document_turns (
  row INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES documents (job_id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  rev INTEGER NOT NULL CHECK (rev >= 1),
  until_rev INTEGER CHECK (until_rev > rev),
  pos TEXT NOT NULL,
  speaker TEXT NOT NULL,
  start_s REAL NOT NULL CHECK (start_s >= 0),
  end_s REAL NOT NULL CHECK (end_s >= start_s),
  note TEXT NOT NULL,
  word_count INTEGER NOT NULL CHECK (word_count >= 0),
  words_json TEXT NOT NULL,
  UNIQUE (job_id, id, rev)
) STRICT;
CREATE UNIQUE INDEX document_turns_live ON document_turns (job_id, id) WHERE until_rev IS NULL;
CREATE INDEX document_turns_by_rev ON document_turns (job_id, rev);
CREATE INDEX document_turns_by_speaker ON document_turns (job_id, speaker)
  WHERE until_rev IS NULL AND speaker <> '';

CREATE TABLE document_speakers (
  row INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES documents (job_id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  rev INTEGER NOT NULL CHECK (rev >= 1),
  until_rev INTEGER CHECK (until_rev > rev),
  name TEXT NOT NULL,
  color INTEGER NOT NULL CHECK (color BETWEEN 0 AND 63),
  UNIQUE (job_id, id, rev)
) STRICT;
CREATE UNIQUE INDEX document_speakers_live ON document_speakers (job_id, id)
  WHERE until_rev IS NULL;

CREATE TABLE document_versions (
  job_id TEXT NOT NULL REFERENCES documents (job_id) ON DELETE CASCADE,
  version INTEGER NOT NULL CHECK (version >= 1),
  kind TEXT NOT NULL CHECK (kind IN ('machine', 'edit', 'restore')),
  -- 0 for the machine's: its content is the stored transcript.
  revision INTEGER NOT NULL CHECK ((kind = 'machine') = (revision = 0)),
  result_id TEXT NOT NULL CHECK ((kind = 'machine') = (result_id <> '')),
  label TEXT NOT NULL,
  author TEXT NOT NULL,
  words INTEGER NOT NULL CHECK (words >= 0),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (job_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE document_changes (
  job_id TEXT NOT NULL REFERENCES documents (job_id) ON DELETE CASCADE,
  change_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (job_id, change_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_changes_by_revision ON document_changes (job_id, revision);

CREATE TABLE document_deletions (
  job_id TEXT NOT NULL REFERENCES documents (job_id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('turn', 'speaker')),
  id TEXT NOT NULL,
  rev INTEGER NOT NULL,
  PRIMARY KEY (job_id, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_deletions_by_rev ON document_deletions (job_id, rev);
