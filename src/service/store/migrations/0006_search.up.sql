-- Full-text search. The words of an entry are separated by spaces and folded before they come here
-- (service/search/tokens.h), so that the tokenizer of the index only has to cut at spaces.

CREATE TABLE search_documents (
  row INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL UNIQUE REFERENCES jobs (id) ON DELETE CASCADE,
  owner TEXT NOT NULL
) STRICT;

-- `owner` is one word that stands for the owner: other people's entries are never looked at.
CREATE VIRTUAL TABLE search_index USING fts5 (owner, title, words, tokenize = 'ascii');

CREATE TABLE search_passages (
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  turn_id TEXT NOT NULL,
  start_s REAL NOT NULL,
  end_s REAL NOT NULL,
  text TEXT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (job_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_due (
  job_id TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  changes INTEGER NOT NULL DEFAULT 1,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX search_due_by_time ON search_due (since);

-- Rows to be removed from the index; nothing finds them any more. (SQLite 3.40 does not let a
-- trigger change a virtual table where the schema is not trusted.)
CREATE TABLE search_gone (
  row INTEGER PRIMARY KEY
) STRICT;

CREATE TRIGGER search_documents_removed AFTER DELETE ON search_documents
BEGIN
  INSERT INTO search_gone (row) VALUES (OLD.row);
END;

CREATE TRIGGER search_after_job AFTER INSERT ON jobs
BEGIN
  INSERT INTO search_due (job_id, since) VALUES (NEW.id, NEW.created_at);
END;

CREATE TRIGGER search_after_details AFTER UPDATE OF title, notes, tags_json, result_ref ON jobs
WHEN NEW.title <> OLD.title OR NEW.notes <> OLD.notes OR NEW.tags_json <> OLD.tags_json
  OR NEW.result_ref IS NOT OLD.result_ref
BEGIN
  INSERT INTO search_due (job_id, since) VALUES (NEW.id, NEW.updated_at)
    ON CONFLICT (job_id) DO UPDATE SET changes = changes + 1;
END;

CREATE TRIGGER search_after_edit AFTER UPDATE OF revision ON documents
WHEN NEW.revision <> OLD.revision
BEGIN
  INSERT INTO search_due (job_id, since) VALUES (NEW.job_id, NEW.updated_at)
    ON CONFLICT (job_id) DO UPDATE SET changes = changes + 1;
END;

INSERT INTO search_due (job_id, since) SELECT id, created_at FROM jobs;
