-- What people say about a job: its title, notes, tags, a star, and whether it is put away.
ALTER TABLE jobs ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN notes TEXT NOT NULL DEFAULT '';
-- An array of texts.
ALTER TABLE jobs ADD COLUMN tags_json TEXT NOT NULL DEFAULT '[]'
  CHECK (tags_json LIKE '[%]');
ALTER TABLE jobs ADD COLUMN starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1));
ALTER TABLE jobs ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1));
CREATE INDEX jobs_starred ON jobs (owner, created_at, id) WHERE starred = 1;
CREATE INDEX jobs_archived ON jobs (owner, created_at, id) WHERE archived = 1;
