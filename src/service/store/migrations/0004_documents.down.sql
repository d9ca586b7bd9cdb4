DROP TABLE document_deletions;
DROP TABLE document_changes;
DROP TABLE document_versions;
DROP TABLE document_speakers;
DROP TABLE document_turns;
DROP TABLE documents;
