ALTER TABLE jobs DROP COLUMN speakers_json;
