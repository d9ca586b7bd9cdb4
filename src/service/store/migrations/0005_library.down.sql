DROP INDEX jobs_archived;
DROP INDEX jobs_starred;
ALTER TABLE jobs DROP COLUMN archived;
ALTER TABLE jobs DROP COLUMN starred;
ALTER TABLE jobs DROP COLUMN tags_json;
ALTER TABLE jobs DROP COLUMN notes;
ALTER TABLE jobs DROP COLUMN title;
