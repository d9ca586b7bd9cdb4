-- Names of those who speak, in the order of the transcript: written with the entry of the search, so that lists need not
-- read transcripts.
ALTER TABLE jobs ADD COLUMN speakers_json TEXT NOT NULL DEFAULT '[]' CHECK (speakers_json LIKE '[%]');

INSERT INTO search_due (job_id, since) SELECT id, created_at FROM jobs WHERE true
  ON CONFLICT (job_id) DO UPDATE SET changes = changes + 1;
