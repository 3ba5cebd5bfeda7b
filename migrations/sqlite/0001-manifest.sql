-- cairn manifest, version 1: the index over records, blobs and the log. Everything in it can be built again from the
-- stored records and the log (`cairn reindex`).
--
-- How to read it. Use the views (second half): they show hashes as lower-case hexadecimal text under the names that audit
-- SQL relies on. The tables (singular names) are compact: a hash stands once, in `object`, and everything else refers to
-- it by integer. No view needs a function of cairn's: `sqlite3 manifest.sqlite` reads them all.
--
-- How it is protected. Triggers refuse what would change history: existing keys are never inserted again (so OR REPLACE
-- finds nothing to replace), identity columns never change, rows of lineage and events are never deleted, and a status
-- changes only in the same breath as the event that says so. All that let anything through name `cairn_sha256`, which exists only on
-- cairn's own connection: any other program can read and cannot write. `… IS NULL AND cairn_sha256(NULL)` is never true and
-- never calls it; that the name cannot be resolved is what refuses. Views refuse because they are views. Nothing relies on
-- CHECK, UNIQUE or FOREIGN KEY, which a client can switch off. Whoever drops the triggers is caught by `cairn audit`, which compares the schema, the records and the log.

------------------------------------------------------------------------------------------------------------- texts

-- Names that repeat: types, relations, input paths, names and values of tags, names of parameters and metrics.
CREATE TABLE text (
  text_id INTEGER PRIMARY KEY,
  text    TEXT NOT NULL UNIQUE
) STRICT;

-- 1 is `file`, the default type: the partial index over types leaves it out.
INSERT INTO text (text_id, text) VALUES (1, 'file');

----------------------------------------------------------------------------------------------------------- storage

CREATE TABLE pack (
  pack_id INTEGER PRIMARY KEY,
  name    TEXT NOT NULL UNIQUE,         -- without folder and suffix
  bytes   INTEGER NOT NULL,             -- of the file
  used_ms INTEGER NOT NULL              -- last use of its objects that have none of their own
) STRICT;

CREATE TABLE frame (
  frame_id INTEGER PRIMARY KEY,
  pack_id  INTEGER NOT NULL REFERENCES pack (pack_id),
  start    INTEGER NOT NULL             -- byte offset of the frame in the pack
) STRICT;
CREATE INDEX frame_by_place ON frame (pack_id, start);

-- One row an object. The record of an artifact also holds what the record says, because one more row for each artifact
-- would be a tenth of the manifest.
CREATE TABLE object (
  object_id INTEGER PRIMARY KEY,        -- ascending in the order of arrival, never used again
  kind      INTEGER NOT NULL,           -- 0 blob, 1 record: two namespaces
  sha256    BLOB NOT NULL,              -- 32 bytes
  size      INTEGER NOT NULL,           -- bytes of the object; 0 for a record that was never seen
  -- where the bytes are
  place     INTEGER NOT NULL,           -- > 0 frame_id, 0 a file with the raw bytes, -1 a zstd file, -2 nowhere (let go)
  at        INTEGER NOT NULL,           -- in a frame: offset in its content; zstd file: its size; else 0
  used_ms   INTEGER,                    -- last use, milliseconds since 1970; NULL: the pack's
  -- only for the record of an artifact: `key` is NULL for everything else
  blob_id   INTEGER,                    -- the object of its bytes; NULL: the object before this one, object_id - 1
  type_id   INTEGER,
  version   INTEGER,                    -- schema version of the type
  key       TEXT,                       -- logical key
  key_hash  INTEGER,                    -- 23 bits of FNV-1a of the key (index-only help; equal keys have equal hashes)
  first_run INTEGER                     -- the first run that produced it; NULL when it was only ever an input
) STRICT;
-- Four bytes of a name find an object as well as all 32 and take a seventh of the room.
CREATE INDEX object_by_name ON object (substr(sha256, 1, 4));
CREATE INDEX artifact_by_key ON object (key_hash) WHERE key_hash IS NOT NULL;
CREATE INDEX artifact_by_blob ON object (blob_id) WHERE blob_id IS NOT NULL;
CREATE INDEX artifact_by_type ON object (type_id) WHERE type_id > 1;
CREATE INDEX artifact_not_produced ON object (object_id) WHERE key IS NOT NULL AND first_run IS NULL;

-- Blobs that a staging area needs, one row a batch: object ids, sorted, as LEB128 differences.
CREATE TABLE stage_batch (
  stage_id INTEGER NOT NULL,            -- text_id of the staging area's name
  ordinal  INTEGER NOT NULL,
  objects  BLOB NOT NULL,
  PRIMARY KEY (stage_id, ordinal)
) STRICT, WITHOUT ROWID;

-- How much of the log is committed. What lies behind it was written by a process that died before its commit.
CREATE TABLE log_end (
  id      INTEGER PRIMARY KEY,          -- 1
  segment INTEGER NOT NULL,
  length  INTEGER NOT NULL
) STRICT;
INSERT INTO log_end (id, segment, length) VALUES (1, 1, 0);

------------------------------------------------------------------------------------------------- actors and the log

-- Who acts. Names are NULL while only an id is known.
CREATE TABLE actor (
  actor_id INTEGER PRIMARY KEY,
  id       TEXT NOT NULL UNIQUE,        -- 64 hexadecimal digits
  name     TEXT,
  mail     TEXT
) STRICT;

CREATE TABLE event (
  seq          INTEGER PRIMARY KEY,     -- from 1, without gaps
  event_id     BLOB NOT NULL,           -- SHA-256 of the record
  record       TEXT NOT NULL,           -- canonical JSON, as in the log
  leaf_hash    BLOB NOT NULL,           -- RFC 6962: SHA-256(00 || record)
  timestamp    TEXT NOT NULL,
  actor_id     INTEGER NOT NULL REFERENCES actor (actor_id),
  action       TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id   TEXT NOT NULL,
  payload_id   INTEGER REFERENCES object (object_id)
) STRICT;
CREATE INDEX event_by_name ON event (substr(event_id, 1, 4));
CREATE INDEX event_by_subject ON event (subject_id);
CREATE INDEX event_by_action ON event (action);
CREATE INDEX event_by_payload ON event (payload_id) WHERE payload_id IS NOT NULL;

-- What the payloads of governance events say (who acts, their keys, promotions, reasons): the triggers below read the values
-- of an event here, because an event itself holds only ids. A row is what the event's payload id is the hash of.
CREATE TABLE event_payload (
  seq     INTEGER PRIMARY KEY REFERENCES event (seq),
  payload TEXT NOT NULL                 -- canonical JSON of the cairn.payload/1 record
) STRICT, WITHOUT ROWID;

-- Roles given and taken back, for ever: an actor holds a role at a moment when the newest row up to it says 1.
CREATE TABLE actor_role (
  actor_id INTEGER NOT NULL REFERENCES actor (actor_id),
  role     TEXT NOT NULL,
  seq      INTEGER NOT NULL REFERENCES event (seq),
  held     INTEGER NOT NULL,            -- 1 given, 0 taken back
  PRIMARY KEY (actor_id, role, seq)
) STRICT, WITHOUT ROWID;

-- A key is bound to one actor, once, and may be revoked.
CREATE TABLE actor_key (
  fingerprint  TEXT PRIMARY KEY,
  actor_id     INTEGER NOT NULL REFERENCES actor (actor_id),
  public_key   TEXT NOT NULL,           -- hexadecimal
  type         TEXT NOT NULL,
  seq          INTEGER NOT NULL REFERENCES event (seq),
  revoked_seq  INTEGER REFERENCES event (seq),
  revoked_from TEXT                     -- since when it is not to be trusted; NULL: it never was
) STRICT, WITHOUT ROWID;

-------------------------------------------------------------------------------------------------------------- runs

-- Runs in the order of their `run.commit` events. The rows of a run, in this and the following tables, are written while
-- it is open; a run is open only inside the transaction that records it.
CREATE TABLE run (
  run_id               INTEGER PRIMARY KEY,
  record_id            INTEGER NOT NULL REFERENCES object (object_id),
  seq                  INTEGER NOT NULL REFERENCES event (seq),
  open                 INTEGER NOT NULL,  -- 1 while its rows are written
  run_key              TEXT NOT NULL,
  message_id           INTEGER NOT NULL REFERENCES object (object_id),
  message              TEXT,              -- NULL: erased
  author               TEXT NOT NULL,
  actor_id             INTEGER NOT NULL REFERENCES actor (actor_id),
  created_utc          TEXT NOT NULL,
  status               TEXT NOT NULL,     -- succeeded, failed
  tree_id              INTEGER NOT NULL REFERENCES object (object_id),
  outputs_id           INTEGER NOT NULL REFERENCES object (object_id),
  output_count         INTEGER NOT NULL,
  engine_version       TEXT NOT NULL,
  config_version       TEXT NOT NULL,
  config_hash          TEXT NOT NULL,     -- SHA-256 of the canonical parameters
  dataset_id_v2        TEXT,              -- the external one, else the id of the only dataset, else NULL
  git_commit           TEXT,
  git_dirty            INTEGER,
  schema_versions_json TEXT NOT NULL,     -- versions of the output types and of the pins that are versions
  plugin_manifest_json TEXT NOT NULL,
  has_edges            INTEGER NOT NULL,  -- 0: every output derives from every input
  context_id           INTEGER REFERENCES object (object_id),
  publication          BLOB               -- 32 bytes: what the run published; no other run says the same
) STRICT;
CREATE INDEX run_by_record ON run (record_id);
CREATE INDEX run_by_seq ON run (seq);
CREATE INDEX run_by_key ON run (run_key);
CREATE INDEX run_by_created ON run (created_utc);
CREATE INDEX run_by_tree ON run (tree_id);
CREATE INDEX run_by_outputs ON run (outputs_id);
CREATE INDEX run_by_message ON run (message_id);
CREATE INDEX run_by_context ON run (context_id) WHERE context_id IS NOT NULL;
CREATE UNIQUE INDEX run_by_publication ON run (publication) WHERE publication IS NOT NULL;

-- What a run produced: an artifact, at a path of its output tree.
CREATE TABLE production (
  run_id      INTEGER NOT NULL REFERENCES run (run_id),
  artifact_id INTEGER NOT NULL,           -- object_id of the artifact's record
  path_id     INTEGER NOT NULL,           -- text_id; 0: the artifact's logical key
  again       INTEGER NOT NULL,           -- 0 in the artifact's first run, which `object` knows; 1 in later ones
  PRIMARY KEY (run_id, artifact_id, path_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX production_again ON production (artifact_id) WHERE again = 1;
CREATE INDEX production_by_path ON production (path_id) WHERE path_id > 0;

CREATE TABLE run_input (
  run_id      INTEGER NOT NULL REFERENCES run (run_id),
  ordinal     INTEGER NOT NULL,           -- place in the record, from 0
  artifact_id INTEGER NOT NULL REFERENCES object (object_id),
  relation_id INTEGER NOT NULL REFERENCES text (text_id),
  path_id     INTEGER REFERENCES text (text_id),
  producer_id INTEGER REFERENCES object (object_id),   -- record of the run that produced it, when known
  PRIMARY KEY (run_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_input_by_artifact ON run_input (artifact_id);
CREATE INDEX run_input_by_producer ON run_input (producer_id) WHERE producer_id IS NOT NULL;

-- Only for runs that say which output derives from which input.
CREATE TABLE run_edge (
  run_id      INTEGER NOT NULL REFERENCES run (run_id),
  child_id    INTEGER NOT NULL REFERENCES object (object_id),
  parent_id   INTEGER NOT NULL REFERENCES object (object_id),
  relation_id INTEGER NOT NULL REFERENCES text (text_id),
  PRIMARY KEY (run_id, child_id, parent_id, relation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_edge_by_child ON run_edge (child_id);
CREATE INDEX run_edge_by_parent ON run_edge (parent_id);

CREATE TABLE run_parent (
  run_id    INTEGER NOT NULL REFERENCES run (run_id),
  ordinal   INTEGER NOT NULL,
  parent_id INTEGER NOT NULL REFERENCES object (object_id),   -- the parent's record
  PRIMARY KEY (run_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_parent_by_parent ON run_parent (parent_id);

CREATE TABLE run_relation (
  run_id      INTEGER NOT NULL REFERENCES run (run_id),
  ordinal     INTEGER NOT NULL,
  other_id    INTEGER NOT NULL REFERENCES object (object_id),   -- the other run's record
  relation_id INTEGER NOT NULL REFERENCES text (text_id),
  PRIMARY KEY (run_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_relation_by_other ON run_relation (other_id);

CREATE TABLE run_removed (
  run_id  INTEGER NOT NULL REFERENCES run (run_id),
  path_id INTEGER NOT NULL REFERENCES text (text_id),
  PRIMARY KEY (run_id, path_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_removed_by_path ON run_removed (path_id);

CREATE TABLE run_param (
  run_id  INTEGER NOT NULL REFERENCES run (run_id),
  name_id INTEGER NOT NULL REFERENCES text (text_id),
  type    TEXT NOT NULL,                  -- integer, real, text, true, false, null, object, array
  value   ANY,                            -- true and false are 1 and 0, objects and arrays canonical JSON
  PRIMARY KEY (run_id, name_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_param_by_value ON run_param (name_id, value);

CREATE TABLE run_metric (
  run_id  INTEGER NOT NULL REFERENCES run (run_id),
  name_id INTEGER NOT NULL REFERENCES text (text_id),
  value   REAL NOT NULL,
  PRIMARY KEY (run_id, name_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_metric_by_value ON run_metric (name_id, value);

CREATE TABLE run_tag (
  run_id  INTEGER NOT NULL REFERENCES run (run_id),
  name_id INTEGER NOT NULL REFERENCES text (text_id),
  value   TEXT NOT NULL,
  PRIMARY KEY (run_id, name_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_tag_by_value ON run_tag (name_id, value);

---------------------------------------------------------------------------------------------------- table contents

-- Specifications under which contents were taken.
CREATE TABLE table_spec (
  spec_id INTEGER PRIMARY KEY REFERENCES object (object_id)   -- its record
) STRICT;

-- What a run found a blob to say as a table. The newest row of a blob is what artifacts of that blob are shown with. The
-- blob need not be here: its bytes were not stored when their content was known already.
CREATE TABLE run_content (
  blob_id   INTEGER NOT NULL REFERENCES object (object_id),
  run_id    INTEGER NOT NULL REFERENCES run (run_id),
  ordinal   INTEGER NOT NULL,             -- place in the run's record, from 0
  record_id INTEGER NOT NULL REFERENCES object (object_id),
  spec_id   INTEGER NOT NULL REFERENCES table_spec (spec_id),
  sha256    BLOB NOT NULL,                -- 32 bytes: cairn.table/1
  row_count INTEGER NOT NULL,
  min_ts    TEXT,
  max_ts    TEXT,
  PRIMARY KEY (blob_id, run_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_content_by_record ON run_content (record_id);

-- The way from a key and a content to artifacts: one row for each content of a produced artifact. Only ever a hint, as
-- `key_hash` is: artifact and content are compared.
CREATE TABLE artifact_content (
  key_hash    INTEGER NOT NULL,
  content     BLOB NOT NULL,              -- the first 4 bytes of run_content.sha256
  artifact_id INTEGER NOT NULL REFERENCES object (object_id),
  PRIMARY KEY (key_hash, content, artifact_id)
) STRICT, WITHOUT ROWID;

------------------------------------------------------------------------------------- what events change: the present

-- The past of each row is in the events; `seq` is the event that the row owes its present state to.

CREATE TABLE artifact_state (
  artifact_id INTEGER PRIMARY KEY REFERENCES object (object_id),
  status      TEXT NOT NULL,              -- active (again), superseded, tombstoned
  by_id       INTEGER REFERENCES object (object_id),
  reason      TEXT,
  erased      INTEGER NOT NULL,           -- 1: its bytes were given up
  seq         INTEGER NOT NULL REFERENCES event (seq)
) STRICT;
CREATE INDEX artifact_state_by_status ON artifact_state (status) WHERE status <> 'active';
CREATE INDEX artifact_state_by_successor ON artifact_state (by_id) WHERE by_id IS NOT NULL;

CREATE TABLE artifact_tag (
  artifact_id INTEGER NOT NULL REFERENCES object (object_id),
  name_id     INTEGER NOT NULL REFERENCES text (text_id),
  value_id    INTEGER REFERENCES text (text_id),   -- NULL: removed
  seq         INTEGER NOT NULL REFERENCES event (seq),
  PRIMARY KEY (artifact_id, name_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifact_tag_by_value ON artifact_tag (name_id, value_id);

CREATE TABLE ref (
  ref_id INTEGER PRIMARY KEY,
  name   TEXT NOT NULL UNIQUE,
  run_id INTEGER REFERENCES run (run_id),   -- NULL: deleted
  seq    INTEGER NOT NULL REFERENCES event (seq),
  candidate_id INTEGER                      -- what `accepted/...` stands for; the run is the candidate's
) STRICT;
CREATE INDEX ref_by_candidate ON ref (candidate_id) WHERE candidate_id IS NOT NULL;

-- One row a `ref.update` event, or a promotion, rejection or withdrawal that moved a name.
CREATE TABLE ref_move (
  seq     INTEGER PRIMARY KEY REFERENCES event (seq),
  ref_id  INTEGER NOT NULL REFERENCES ref (ref_id),
  from_id INTEGER REFERENCES run (run_id),
  to_id   INTEGER REFERENCES run (run_id),
  message TEXT,
  from_candidate_id INTEGER,
  to_candidate_id   INTEGER
) STRICT;
CREATE INDEX ref_move_by_ref ON ref_move (ref_id);

CREATE TABLE hold (
  subject_kind TEXT NOT NULL,             -- run, artifact, object
  subject_id   TEXT NOT NULL,
  held         INTEGER NOT NULL,          -- 0: removed
  reason       TEXT,
  seq          INTEGER NOT NULL REFERENCES event (seq),
  PRIMARY KEY (subject_kind, subject_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE retirement (
  run_id INTEGER PRIMARY KEY REFERENCES run (run_id),
  reason TEXT,
  seq    INTEGER NOT NULL REFERENCES event (seq)
) STRICT;

-------------------------------------------------------------------------------------------------------- governance

-- The texts of these records stand here whole, so that a trigger, and anyone with SQL, can hold the columns against them.

CREATE TABLE policy (
  policy_id INTEGER PRIMARY KEY REFERENCES object (object_id),   -- its record
  name      TEXT NOT NULL,
  version   TEXT NOT NULL,
  record    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE candidate (
  candidate_id INTEGER PRIMARY KEY REFERENCES object (object_id),   -- its record
  seq          INTEGER NOT NULL REFERENCES event (seq),             -- candidate.create
  run_id       INTEGER NOT NULL REFERENCES run (run_id),
  signal_name  TEXT NOT NULL,
  horizon      INTEGER NOT NULL,
  estimator    TEXT,
  family_id    TEXT,
  dataset_id   TEXT NOT NULL,
  config_hash  TEXT NOT NULL,
  notes_id     INTEGER REFERENCES object (object_id),               -- payload
  notes        TEXT,                                                -- NULL: none, or erased
  record       TEXT NOT NULL,
  status       TEXT NOT NULL,          -- exploratory, candidate, accepted, rejected
  status_seq   INTEGER NOT NULL REFERENCES event (seq),
  report_id    INTEGER                 -- what the status candidate or accepted stands on
) STRICT, WITHOUT ROWID;
CREATE INDEX candidate_by_seq ON candidate (seq);
CREATE INDEX candidate_by_run ON candidate (run_id);
CREATE INDEX candidate_by_status ON candidate (status, seq);
CREATE INDEX candidate_by_dataset ON candidate (dataset_id, seq);
CREATE INDEX candidate_by_signal ON candidate (signal_name, seq);
CREATE INDEX candidate_by_notes ON candidate (notes_id) WHERE notes_id IS NOT NULL;

CREATE TABLE candidate_evidence (
  candidate_id INTEGER NOT NULL REFERENCES candidate (candidate_id),
  ordinal      INTEGER NOT NULL,       -- place in the record, from 0
  role         TEXT NOT NULL,
  artifact_id  INTEGER NOT NULL REFERENCES object (object_id),
  PRIMARY KEY (candidate_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX candidate_evidence_by_artifact ON candidate_evidence (artifact_id);

CREATE TABLE report (
  report_id    INTEGER PRIMARY KEY REFERENCES object (object_id),   -- its record
  candidate_id INTEGER NOT NULL REFERENCES candidate (candidate_id),
  level        TEXT NOT NULL,          -- exploratory, candidate, accepted
  passed       INTEGER NOT NULL,
  policy_id    INTEGER NOT NULL REFERENCES policy (policy_id),
  facts_id     INTEGER NOT NULL REFERENCES object (object_id),
  seq          INTEGER NOT NULL REFERENCES event (seq),             -- candidate.evaluate
  origin       TEXT NOT NULL,          -- local: evaluated here
  record       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX report_by_candidate ON report (candidate_id, level, seq);
CREATE INDEX report_by_facts ON report (facts_id);
CREATE INDEX report_by_seq ON report (seq);

CREATE TABLE approval (
  approval_id INTEGER PRIMARY KEY REFERENCES object (object_id),   -- its record
  report_id   INTEGER NOT NULL REFERENCES report (report_id),
  actor_id    INTEGER NOT NULL REFERENCES actor (actor_id),
  fingerprint TEXT NOT NULL REFERENCES actor_key (fingerprint),
  seq         INTEGER NOT NULL REFERENCES event (seq),             -- approve
  record      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX approval_by_report ON approval (report_id);
CREATE INDEX approval_by_seq ON approval (seq);

------------------------------------------------------------------------------------------- the second wall: triggers

-- Objects: a known name is never inserted again, new rows go to the end, identity never changes, the place may.
CREATE TRIGGER object_insert BEFORE INSERT ON object
WHEN NEW.object_id <= (SELECT max(object_id) FROM object)
  OR EXISTS (SELECT 1 FROM object WHERE substr(sha256, 1, 4) = substr(NEW.sha256, 1, 4) AND sha256 = NEW.sha256 AND kind = NEW.kind)
  OR NEW.object_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'object: the name is known'); END;

-- What an artifact is, is told once; a size only when it was unknown because the bytes were nowhere.
CREATE TRIGGER object_identity BEFORE UPDATE OF object_id, kind, sha256, size, blob_id, type_id, version, key, key_hash, first_run ON object
WHEN NEW.object_id IS NOT OLD.object_id OR NEW.kind IS NOT OLD.kind OR NEW.sha256 IS NOT OLD.sha256
  OR NEW.size IS NOT OLD.size AND OLD.place IS NOT -2
  OR OLD.key IS NOT NULL AND (NEW.key IS NOT OLD.key OR NEW.blob_id IS NOT OLD.blob_id OR NEW.type_id IS NOT OLD.type_id
                              OR NEW.version IS NOT OLD.version OR NEW.key_hash IS NOT OLD.key_hash)
  OR NEW.key IS NOT NULL AND NEW.kind IS NOT 1
  OR OLD.first_run IS NOT NULL AND NEW.first_run IS NOT OLD.first_run
  OR NEW.object_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'object: identity cannot change'); END;

CREATE TRIGGER object_place BEFORE UPDATE OF place, at, used_ms ON object
WHEN NEW.object_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'object: written by cairn alone'); END;

CREATE TRIGGER object_delete BEFORE DELETE ON object
WHEN OLD.key IS NOT NULL
  OR EXISTS (SELECT 1 FROM object WHERE blob_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM object WHERE object_id = OLD.object_id + 1 AND key IS NOT NULL AND blob_id IS NULL)
  OR EXISTS (SELECT 1 FROM run WHERE record_id = OLD.object_id) OR EXISTS (SELECT 1 FROM run WHERE tree_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM run WHERE outputs_id = OLD.object_id) OR EXISTS (SELECT 1 FROM run WHERE message_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM run WHERE context_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM run_content WHERE blob_id = OLD.object_id) OR EXISTS (SELECT 1 FROM run_content WHERE record_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM table_spec WHERE spec_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM run_input WHERE producer_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM run_parent WHERE parent_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM run_relation WHERE other_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM event WHERE payload_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM policy WHERE policy_id = OLD.object_id) OR EXISTS (SELECT 1 FROM candidate WHERE candidate_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM candidate WHERE notes_id = OLD.object_id) OR EXISTS (SELECT 1 FROM report WHERE report_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM report WHERE facts_id = OLD.object_id) OR EXISTS (SELECT 1 FROM approval WHERE approval_id = OLD.object_id)
  OR OLD.object_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'object: lineage names it'); END;

CREATE TRIGGER text_insert BEFORE INSERT ON text
WHEN NEW.text_id <= (SELECT max(text_id) FROM text) OR EXISTS (SELECT 1 FROM text WHERE text = NEW.text) OR NEW.text_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'text: it is known'); END;

CREATE TRIGGER text_update BEFORE UPDATE ON text BEGIN SELECT RAISE(ABORT, 'text: texts never change'); END;
CREATE TRIGGER text_delete BEFORE DELETE ON text BEGIN SELECT RAISE(ABORT, 'text: texts never change'); END;

-- Storage and bookkeeping: cairn alone writes them, as it needs.
CREATE TRIGGER pack_insert BEFORE INSERT ON pack
WHEN EXISTS (SELECT 1 FROM pack WHERE pack_id = NEW.pack_id OR name = NEW.name) OR NEW.pack_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'pack: the name is known'); END;
CREATE TRIGGER pack_update BEFORE UPDATE ON pack WHEN NEW.pack_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'pack: written by cairn alone'); END;
CREATE TRIGGER pack_delete BEFORE DELETE ON pack WHEN OLD.pack_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'pack: written by cairn alone'); END;
CREATE TRIGGER frame_insert BEFORE INSERT ON frame
WHEN EXISTS (SELECT 1 FROM frame WHERE frame_id = NEW.frame_id) OR NEW.frame_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'frame: the number is known'); END;
CREATE TRIGGER frame_update BEFORE UPDATE ON frame BEGIN SELECT RAISE(ABORT, 'frame: frames never change'); END;
CREATE TRIGGER frame_delete BEFORE DELETE ON frame WHEN OLD.frame_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'frame: written by cairn alone'); END;
CREATE TRIGGER stage_batch_insert BEFORE INSERT ON stage_batch WHEN NEW.stage_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'stage_batch: written by cairn alone'); END;
CREATE TRIGGER stage_batch_update BEFORE UPDATE ON stage_batch WHEN NEW.stage_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'stage_batch: written by cairn alone'); END;
CREATE TRIGGER stage_batch_delete BEFORE DELETE ON stage_batch WHEN OLD.stage_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'stage_batch: written by cairn alone'); END;
CREATE TRIGGER log_end_insert BEFORE INSERT ON log_end BEGIN SELECT RAISE(ABORT, 'log_end: there is one'); END;
CREATE TRIGGER log_end_delete BEFORE DELETE ON log_end BEGIN SELECT RAISE(ABORT, 'log_end: there is one'); END;
CREATE TRIGGER log_end_update BEFORE UPDATE ON log_end WHEN NEW.id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'log_end: written by cairn alone'); END;
CREATE TRIGGER migration_insert BEFORE INSERT ON migration WHEN NEW.name IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'migration: written by cairn alone'); END;
CREATE TRIGGER migration_update BEFORE UPDATE ON migration BEGIN SELECT RAISE(ABORT, 'migration: what was done is done'); END;
CREATE TRIGGER migration_delete BEFORE DELETE ON migration BEGIN SELECT RAISE(ABORT, 'migration: what was done is done'); END;

-- An event is appended when it is what its hash says, says what its columns say, and continues the chain.
CREATE TRIGGER event_insert BEFORE INSERT ON event
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM event)
  OR cairn_sha256(NEW.record) IS NOT NEW.event_id
  OR cairn_sha256(CAST(x'00' || CAST(NEW.record AS BLOB) AS BLOB)) IS NOT NEW.leaf_hash
  OR json_extract(NEW.record, '$.schema') IS NOT 'cairn.event/1'
  OR json_extract(NEW.record, '$.seq') IS NOT NEW.seq
  OR json_extract(NEW.record, '$.previous') IS NOT
     coalesce((SELECT lower(hex(event_id)) FROM event WHERE seq = NEW.seq - 1), lower(hex(zeroblob(32))))
  OR json_extract(NEW.record, '$.subjectPrevious') IS NOT
     coalesce((SELECT lower(hex(event_id)) FROM event WHERE subject_id = NEW.subject_id AND subject_kind = NEW.subject_kind
               ORDER BY seq DESC LIMIT 1), lower(hex(zeroblob(32))))
  OR json_extract(NEW.record, '$.timestamp') IS NOT NEW.timestamp
  OR NEW.timestamp < (SELECT timestamp FROM event WHERE seq = NEW.seq - 1)
  OR json_extract(NEW.record, '$.actor') IS NOT (SELECT id FROM actor WHERE actor_id = NEW.actor_id)
  OR json_extract(NEW.record, '$.action') IS NOT NEW.action
  OR json_extract(NEW.record, '$.subject.kind') IS NOT NEW.subject_kind
  OR json_extract(NEW.record, '$.subject.id') IS NOT NEW.subject_id
  OR json_extract(NEW.record, '$.payload') IS NOT (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.payload_id)
BEGIN SELECT RAISE(ABORT, 'event: it does not continue the log, or its columns are not its record''s'); END;
CREATE TRIGGER event_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event: the log only grows'); END;
CREATE TRIGGER event_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'event: the log only grows'); END;

-- A payload stands beside the newest event, and is what that event's payload id is the hash of.
CREATE TRIGGER event_payload_insert BEFORE INSERT ON event_payload
WHEN EXISTS (SELECT 1 FROM event_payload WHERE seq = NEW.seq) OR NEW.seq IS NOT (SELECT max(seq) FROM event)
  OR NOT EXISTS (SELECT 1 FROM event e JOIN object o ON o.object_id = e.payload_id
                 WHERE e.seq = NEW.seq AND o.kind = 1 AND o.sha256 IS cairn_sha256(NEW.payload))
  OR json_extract(NEW.payload, '$.schema') IS NOT 'cairn.payload/1'
BEGIN SELECT RAISE(ABORT, 'event_payload: it is not what the newest event names'); END;
CREATE TRIGGER event_payload_update BEFORE UPDATE ON event_payload BEGIN SELECT RAISE(ABORT, 'event_payload: what was said stays'); END;
CREATE TRIGGER event_payload_delete BEFORE DELETE ON event_payload BEGIN SELECT RAISE(ABORT, 'event_payload: what was said stays'); END;

-- Actors: an id may be noted at any time; a name comes with the `actor.add` event of that id, once, and is its payload's.
CREATE TRIGGER actor_insert BEFORE INSERT ON actor
WHEN EXISTS (SELECT 1 FROM actor WHERE actor_id = NEW.actor_id OR id = NEW.id)
  OR NEW.name IS NOT NULL OR NEW.mail IS NOT NULL OR NEW.actor_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'actor: known already, or named without an event'); END;
CREATE TRIGGER actor_update BEFORE UPDATE ON actor
WHEN NEW.actor_id IS NOT OLD.actor_id OR NEW.id IS NOT OLD.id OR OLD.name IS NOT NULL
  OR NOT EXISTS (SELECT 1 FROM event e JOIN event_payload p ON p.seq = e.seq WHERE e.seq = (SELECT max(seq) FROM event) AND e.action = 'actor.add'
                 AND e.subject_kind = 'actor' AND e.subject_id IS NEW.id
                 AND json_extract(p.payload, '$.values.name') IS NEW.name AND json_extract(p.payload, '$.values.mail') IS NEW.mail)
  OR NEW.actor_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'actor: the newest event does not say so'); END;
CREATE TRIGGER actor_delete BEFORE DELETE ON actor BEGIN SELECT RAISE(ABORT, 'actor: actors stay'); END;

-- A role is given or taken back by the newest event, whose payload lists it.
CREATE TRIGGER actor_role_insert BEFORE INSERT ON actor_role
WHEN EXISTS (SELECT 1 FROM actor_role WHERE actor_id = NEW.actor_id AND role = NEW.role AND seq = NEW.seq)
  OR NOT EXISTS (SELECT 1 FROM event e JOIN event_payload p ON p.seq = e.seq JOIN json_each(p.payload, '$.values.roles') r
                 WHERE e.seq = (SELECT max(seq) FROM event) AND e.seq IS NEW.seq AND e.subject_kind = 'actor' AND r.type = 'text' AND r.value IS NEW.role
                 AND e.subject_id IS (SELECT id FROM actor WHERE actor_id = NEW.actor_id)
                 AND NEW.held IS CASE e.action WHEN 'actor.add' THEN 1 WHEN 'actor.grant' THEN 1 WHEN 'actor.revoke' THEN 0 END)
  OR NEW.actor_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'actor_role: the newest event does not say so'); END;
CREATE TRIGGER actor_role_update BEFORE UPDATE ON actor_role BEGIN SELECT RAISE(ABORT, 'actor_role: a role has a past'); END;
CREATE TRIGGER actor_role_delete BEFORE DELETE ON actor_role BEGIN SELECT RAISE(ABORT, 'actor_role: a role has a past'); END;

CREATE TRIGGER actor_key_insert BEFORE INSERT ON actor_key
WHEN EXISTS (SELECT 1 FROM actor_key WHERE fingerprint = NEW.fingerprint)
  OR NEW.revoked_seq IS NOT NULL OR NEW.revoked_from IS NOT NULL
  OR NOT EXISTS (SELECT 1 FROM event e JOIN event_payload p ON p.seq = e.seq
                 WHERE e.seq = (SELECT max(seq) FROM event) AND e.seq IS NEW.seq AND e.action = 'key.add' AND e.subject_kind = 'key' AND e.subject_id IS NEW.fingerprint
                 AND json_extract(p.payload, '$.values.actor') IS (SELECT id FROM actor WHERE actor_id = NEW.actor_id)
                 AND json_extract(p.payload, '$.values.publicKey') IS NEW.public_key AND json_extract(p.payload, '$.values.type') IS NEW.type)
  OR NEW.fingerprint IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'actor_key: known already, or the newest event does not say so'); END;
CREATE TRIGGER actor_key_update BEFORE UPDATE ON actor_key
WHEN NEW.fingerprint IS NOT OLD.fingerprint OR NEW.actor_id IS NOT OLD.actor_id OR NEW.public_key IS NOT OLD.public_key
  OR NEW.type IS NOT OLD.type OR NEW.seq IS NOT OLD.seq OR OLD.revoked_seq IS NOT NULL
  OR NOT EXISTS (SELECT 1 FROM event e LEFT JOIN event_payload p ON p.seq = e.seq
                 WHERE e.seq = (SELECT max(seq) FROM event) AND e.seq IS NEW.revoked_seq AND e.action = 'key.revoke' AND e.subject_kind = 'key'
                 AND e.subject_id IS NEW.fingerprint AND json_extract(p.payload, '$.values.from') IS NEW.revoked_from)
  OR NEW.fingerprint IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'actor_key: the newest event does not say so'); END;
CREATE TRIGGER actor_key_delete BEFORE DELETE ON actor_key BEGIN SELECT RAISE(ABORT, 'actor_key: keys stay'); END;

-- Runs: inserted open, right behind their `run.commit` event; closed once; never changed.
CREATE TRIGGER run_insert BEFORE INSERT ON run
WHEN NEW.run_id <= (SELECT max(run_id) FROM run) OR EXISTS (SELECT 1 FROM run WHERE record_id = NEW.record_id)
  OR EXISTS (SELECT 1 FROM run WHERE publication = NEW.publication)
  OR NEW.open IS NOT 1 OR EXISTS (SELECT 1 FROM run WHERE run_id = (SELECT max(run_id) FROM run) AND open = 1)
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND action = 'run.commit'
                 AND subject_kind = 'run' AND subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.record_id))
  OR NEW.run_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'run: known already, or the newest event does not say so'); END;
CREATE TRIGGER run_close BEFORE UPDATE OF open ON run
WHEN OLD.open IS NOT 1 OR NEW.open IS NOT 0 OR NEW.run_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'run: it is closed'); END;
CREATE TRIGGER run_identity BEFORE UPDATE OF run_id, record_id, seq, run_key, message_id, author, actor_id, created_utc, status, tree_id,
  outputs_id, output_count, engine_version, config_version, config_hash, dataset_id_v2, git_commit, git_dirty, schema_versions_json,
  plugin_manifest_json, has_edges, context_id, publication ON run
BEGIN SELECT RAISE(ABORT, 'run: a run never changes'); END;
-- The text of a message may be erased, as its payload may.
CREATE TRIGGER run_message BEFORE UPDATE OF message ON run
WHEN NEW.message IS NOT NULL OR NEW.run_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'run: a message can only be erased'); END;
CREATE TRIGGER run_delete BEFORE DELETE ON run BEGIN SELECT RAISE(ABORT, 'run: lineage stays'); END;

CREATE TRIGGER production_insert BEFORE INSERT ON production WHEN NOT EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id AND open = 1) OR NEW.run_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'production: its run is closed'); END;
CREATE TRIGGER production_update BEFORE UPDATE ON production BEGIN SELECT RAISE(ABORT, 'production: lineage stays'); END;
CREATE TRIGGER production_delete BEFORE DELETE ON production BEGIN SELECT RAISE(ABORT, 'production: lineage stays'); END;
CREATE TRIGGER run_input_insert BEFORE INSERT ON run_input WHEN NOT EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id AND open = 1) OR NEW.run_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'run_input: its run is closed'); END;
CREATE TRIGGER run_input_update BEFORE UPDATE ON run_input BEGIN SELECT RAISE(ABORT, 'run_input: lineage stays'); END;
CREATE TRIGGER run_input_delete BEFORE DELETE ON run_input BEGIN SELECT RAISE(ABORT, 'run_input: lineage stays'); END;
CREATE TRIGGER run_edge_insert BEFORE INSERT ON run_edge WHEN NOT EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id AND open = 1) OR NEW.run_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'run_edge: its run is closed'); END;
CREATE TRIGGER run_edge_update BEFORE UPDATE ON run_edge BEGIN SELECT RAISE(ABORT, 'run_edge: lineage stays'); END;
CREATE TRIGGER run_edge_delete BEFORE DELETE ON run_edge BEGIN SELECT RAISE(ABORT, 'run_edge: lineage stays'); END;
CREATE TRIGGER run_parent_insert BEFORE INSERT ON run_parent WHEN NOT EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id AND open = 1) OR NEW.run_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'run_parent: its run is closed'); END;
CREATE TRIGGER run_parent_update BEFORE UPDATE ON run_parent BEGIN SELECT RAISE(ABORT, 'run_parent: lineage stays'); END;
CREATE TRIGGER run_parent_delete BEFORE DELETE ON run_parent BEGIN SELECT RAISE(ABORT, 'run_parent: lineage stays'); END;
CREATE TRIGGER run_relation_insert BEFORE INSERT ON run_relation WHEN NOT EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id AND open = 1) OR NEW.run_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'run_relation: its run is closed'); END;
CREATE TRIGGER run_relation_update BEFORE UPDATE ON run_relation BEGIN SELECT RAISE(ABORT, 'run_relation: lineage stays'); END;
CREATE TRIGGER run_relation_delete BEFORE DELETE ON run_relation BEGIN SELECT RAISE(ABORT, 'run_relation: lineage stays'); END;
CREATE TRIGGER run_removed_insert BEFORE INSERT ON run_removed WHEN NOT EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id AND open = 1) OR NEW.run_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'run_removed: its run is closed'); END;
CREATE TRIGGER run_removed_update BEFORE UPDATE ON run_removed BEGIN SELECT RAISE(ABORT, 'run_removed: lineage stays'); END;
CREATE TRIGGER run_removed_delete BEFORE DELETE ON run_removed BEGIN SELECT RAISE(ABORT, 'run_removed: lineage stays'); END;
CREATE TRIGGER run_param_insert BEFORE INSERT ON run_param WHEN NOT EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id AND open = 1) OR NEW.run_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'run_param: its run is closed'); END;
CREATE TRIGGER run_param_update BEFORE UPDATE ON run_param BEGIN SELECT RAISE(ABORT, 'run_param: lineage stays'); END;
CREATE TRIGGER run_param_delete BEFORE DELETE ON run_param BEGIN SELECT RAISE(ABORT, 'run_param: lineage stays'); END;
CREATE TRIGGER run_metric_insert BEFORE INSERT ON run_metric WHEN NOT EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id AND open = 1) OR NEW.run_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'run_metric: its run is closed'); END;
CREATE TRIGGER run_metric_update BEFORE UPDATE ON run_metric BEGIN SELECT RAISE(ABORT, 'run_metric: lineage stays'); END;
CREATE TRIGGER run_metric_delete BEFORE DELETE ON run_metric BEGIN SELECT RAISE(ABORT, 'run_metric: lineage stays'); END;
CREATE TRIGGER run_tag_insert BEFORE INSERT ON run_tag WHEN NOT EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id AND open = 1) OR NEW.run_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'run_tag: its run is closed'); END;
CREATE TRIGGER run_tag_update BEFORE UPDATE ON run_tag BEGIN SELECT RAISE(ABORT, 'run_tag: lineage stays'); END;
CREATE TRIGGER run_tag_delete BEFORE DELETE ON run_tag BEGIN SELECT RAISE(ABORT, 'run_tag: lineage stays'); END;
CREATE TRIGGER run_content_insert BEFORE INSERT ON run_content WHEN NOT EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id AND open = 1) OR NEW.run_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'run_content: its run is closed'); END;
CREATE TRIGGER run_content_update BEFORE UPDATE ON run_content BEGIN SELECT RAISE(ABORT, 'run_content: lineage stays'); END;
CREATE TRIGGER run_content_delete BEFORE DELETE ON run_content BEGIN SELECT RAISE(ABORT, 'run_content: lineage stays'); END;
CREATE TRIGGER table_spec_insert BEFORE INSERT ON table_spec WHEN EXISTS (SELECT 1 FROM table_spec WHERE spec_id = NEW.spec_id) OR NOT EXISTS (SELECT 1 FROM run WHERE run_id = (SELECT max(run_id) FROM run) AND open = 1) OR NEW.spec_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'table_spec: known already, or no run is open'); END;
CREATE TRIGGER table_spec_update BEFORE UPDATE ON table_spec BEGIN SELECT RAISE(ABORT, 'table_spec: lineage stays'); END;
CREATE TRIGGER table_spec_delete BEFORE DELETE ON table_spec BEGIN SELECT RAISE(ABORT, 'table_spec: lineage stays'); END;
CREATE TRIGGER artifact_content_insert BEFORE INSERT ON artifact_content WHEN NOT EXISTS (SELECT 1 FROM run WHERE run_id = (SELECT max(run_id) FROM run) AND open = 1) OR NEW.artifact_id IS NULL AND cairn_sha256(NULL) BEGIN SELECT RAISE(ABORT, 'artifact_content: no run is open'); END;
CREATE TRIGGER artifact_content_update BEFORE UPDATE ON artifact_content BEGIN SELECT RAISE(ABORT, 'artifact_content: lineage stays'); END;
CREATE TRIGGER artifact_content_delete BEFORE DELETE ON artifact_content BEGIN SELECT RAISE(ABORT, 'artifact_content: lineage stays'); END;

-- The present follows the log: a row changes only when the newest event names it and this change.
CREATE TRIGGER artifact_state_insert BEFORE INSERT ON artifact_state
WHEN EXISTS (SELECT 1 FROM artifact_state WHERE artifact_id = NEW.artifact_id)
  OR (NEW.status IS NOT 'superseded' AND NEW.status IS NOT 'tombstoned') OR NEW.erased IS NOT 0
  OR (NEW.status IS 'superseded') IS NOT (NEW.by_id IS NOT NULL)
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND subject_kind = 'artifact'
                 AND subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.artifact_id AND key IS NOT NULL)
                 AND action IS CASE NEW.status WHEN 'superseded' THEN 'artifact.supersede' WHEN 'active' THEN 'artifact.restore'
                                WHEN 'tombstoned' THEN CASE NEW.erased WHEN 1 THEN 'artifact.erase' ELSE 'artifact.tombstone' END END)
  OR NEW.artifact_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'artifact_state: the newest event does not say so'); END;
CREATE TRIGGER artifact_state_update BEFORE UPDATE ON artifact_state
WHEN NEW.artifact_id IS NOT OLD.artifact_id
  OR NOT EXISTS (SELECT 1 WHERE OLD.status = 'active' AND NEW.status = 'superseded' AND NEW.erased IS 0
      UNION ALL SELECT 1 WHERE OLD.status IN ('active', 'superseded') AND NEW.status = 'tombstoned' AND NEW.erased IS 0
      UNION ALL SELECT 1 WHERE OLD.status = 'tombstoned' AND NEW.status = 'tombstoned' AND NEW.erased IS 1
      UNION ALL SELECT 1 WHERE OLD.status IN ('superseded', 'tombstoned') AND NEW.status = 'active' AND NEW.erased IS 0)
  OR (NEW.status IS 'superseded') IS NOT (NEW.by_id IS NOT NULL)
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND subject_kind = 'artifact'
                 AND subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.artifact_id AND key IS NOT NULL)
                 AND action IS CASE NEW.status WHEN 'superseded' THEN 'artifact.supersede' WHEN 'active' THEN 'artifact.restore'
                                WHEN 'tombstoned' THEN CASE NEW.erased WHEN 1 THEN 'artifact.erase' ELSE 'artifact.tombstone' END END)
  OR NEW.artifact_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'artifact_state: the newest event does not say so'); END;
CREATE TRIGGER artifact_state_delete BEFORE DELETE ON artifact_state BEGIN SELECT RAISE(ABORT, 'artifact_state: a status has a past'); END;

CREATE TRIGGER artifact_tag_insert BEFORE INSERT ON artifact_tag
WHEN EXISTS (SELECT 1 FROM artifact_tag WHERE artifact_id = NEW.artifact_id AND name_id = NEW.name_id)
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND action = 'artifact.tag' AND subject_kind = 'artifact'
                 AND subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.artifact_id AND key IS NOT NULL))
  OR NEW.artifact_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'artifact_tag: the newest event does not say so'); END;
CREATE TRIGGER artifact_tag_update BEFORE UPDATE ON artifact_tag
WHEN NEW.artifact_id IS NOT OLD.artifact_id OR NEW.name_id IS NOT OLD.name_id
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND action = 'artifact.tag' AND subject_kind = 'artifact'
                 AND subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.artifact_id AND key IS NOT NULL))
  OR NEW.artifact_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'artifact_tag: the newest event does not say so'); END;
CREATE TRIGGER artifact_tag_delete BEFORE DELETE ON artifact_tag BEGIN SELECT RAISE(ABORT, 'artifact_tag: a tag has a past'); END;

-- A branch or tag moves with its `ref.update`; `accepted/...` with the promotion that gives the name, or with the rejection or
-- withdrawal of the candidate that has it.
CREATE TRIGGER ref_insert BEFORE INSERT ON ref
WHEN EXISTS (SELECT 1 FROM ref WHERE ref_id = NEW.ref_id OR name = NEW.name)
  OR NOT (EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND action = 'ref.update' AND subject_kind = 'ref'
           AND subject_id IS NEW.name AND substr(NEW.name, 1, 9) <> 'accepted/' AND NEW.candidate_id IS NULL)
      OR EXISTS (SELECT 1 FROM event e JOIN event_payload p ON p.seq = e.seq JOIN candidate c ON c.candidate_id = NEW.candidate_id
           WHERE substr(NEW.name, 1, 9) = 'accepted/' AND e.seq = (SELECT max(seq) FROM event) AND e.seq IS NEW.seq AND e.action = 'candidate.promote'
           AND e.subject_kind = 'candidate' AND e.subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.candidate_id)
           AND c.status = 'accepted' AND c.status_seq IS e.seq AND c.run_id IS NEW.run_id
           AND json_extract(p.payload, '$.values.to') IS 'accepted' AND json_extract(p.payload, '$.values.name') IS NEW.name
           AND json_extract(p.payload, '$.values.replace') IS NULL))
  OR NEW.ref_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'ref: the newest event does not say so'); END;
CREATE TRIGGER ref_update BEFORE UPDATE ON ref
WHEN NEW.ref_id IS NOT OLD.ref_id OR NEW.name IS NOT OLD.name
  OR NOT (EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND action = 'ref.update' AND subject_kind = 'ref'
           AND subject_id IS NEW.name AND substr(NEW.name, 1, 9) <> 'accepted/' AND NEW.candidate_id IS NULL)
      OR EXISTS (SELECT 1 FROM event e JOIN event_payload p ON p.seq = e.seq JOIN candidate c ON c.candidate_id = NEW.candidate_id
           WHERE substr(NEW.name, 1, 9) = 'accepted/' AND e.seq = (SELECT max(seq) FROM event) AND e.seq IS NEW.seq AND e.action = 'candidate.promote'
           AND e.subject_kind = 'candidate' AND e.subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.candidate_id)
           AND c.status = 'accepted' AND c.status_seq IS e.seq AND c.run_id IS NEW.run_id
           AND json_extract(p.payload, '$.values.to') IS 'accepted' AND json_extract(p.payload, '$.values.name') IS NEW.name
           AND json_extract(p.payload, '$.values.replace') IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = OLD.candidate_id))
      OR EXISTS (SELECT 1 FROM event e WHERE e.seq = (SELECT max(seq) FROM event) AND e.seq IS NEW.seq AND e.action IN ('candidate.reject', 'candidate.withdraw')
           AND e.subject_kind = 'candidate' AND e.subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = OLD.candidate_id)
           AND NEW.run_id IS NULL AND NEW.candidate_id IS NULL))
  OR NEW.ref_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'ref: the newest event does not say so'); END;
CREATE TRIGGER ref_delete BEFORE DELETE ON ref BEGIN SELECT RAISE(ABORT, 'ref: a ref has a past'); END;
CREATE TRIGGER ref_move_insert BEFORE INSERT ON ref_move
WHEN EXISTS (SELECT 1 FROM ref_move WHERE seq = NEW.seq)
  OR NOT EXISTS (SELECT 1 FROM ref f WHERE f.ref_id = NEW.ref_id AND f.seq IS NEW.seq AND f.seq = (SELECT max(seq) FROM event)
                 AND f.run_id IS NEW.to_id AND f.candidate_id IS NEW.to_candidate_id)
  OR NEW.from_id IS NOT (SELECT to_id FROM ref_move WHERE ref_id = NEW.ref_id ORDER BY seq DESC LIMIT 1)
  OR NEW.from_candidate_id IS NOT (SELECT to_candidate_id FROM ref_move WHERE ref_id = NEW.ref_id ORDER BY seq DESC LIMIT 1)
  OR NEW.seq IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'ref_move: the newest event does not say so'); END;
CREATE TRIGGER ref_move_update BEFORE UPDATE ON ref_move BEGIN SELECT RAISE(ABORT, 'ref_move: the past of a ref stays'); END;
CREATE TRIGGER ref_move_delete BEFORE DELETE ON ref_move BEGIN SELECT RAISE(ABORT, 'ref_move: the past of a ref stays'); END;

CREATE TRIGGER hold_insert BEFORE INSERT ON hold
WHEN EXISTS (SELECT 1 FROM hold WHERE subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id)
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id
                 AND action IS CASE NEW.held WHEN 1 THEN 'hold.add' WHEN 0 THEN 'hold.remove' END)
  OR NEW.subject_kind IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'hold: the newest event does not say so'); END;

CREATE TRIGGER hold_update BEFORE UPDATE ON hold
WHEN NEW.subject_kind IS NOT OLD.subject_kind OR NEW.subject_id IS NOT OLD.subject_id
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id
                 AND action IS CASE NEW.held WHEN 1 THEN 'hold.add' WHEN 0 THEN 'hold.remove' END)
  OR NEW.subject_kind IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'hold: the newest event does not say so'); END;
CREATE TRIGGER hold_delete BEFORE DELETE ON hold BEGIN SELECT RAISE(ABORT, 'hold: a hold has a past'); END;

CREATE TRIGGER retirement_insert BEFORE INSERT ON retirement
WHEN EXISTS (SELECT 1 FROM retirement WHERE run_id = NEW.run_id)
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND action = 'retire' AND subject_kind = 'run'
                 AND subject_id IS (SELECT lower(hex(o.sha256)) FROM run r JOIN object o ON o.object_id = r.record_id WHERE r.run_id = NEW.run_id))
  OR NEW.run_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'retirement: the newest event does not say so'); END;
CREATE TRIGGER retirement_update BEFORE UPDATE ON retirement BEGIN SELECT RAISE(ABORT, 'retirement: retired is retired'); END;
CREATE TRIGGER retirement_delete BEFORE DELETE ON retirement BEGIN SELECT RAISE(ABORT, 'retirement: retired is retired'); END;

-- Records of governance: inserted with their event, only as what their bytes say, never changed. A member that stands twice
-- in a record could say two things: then it is none.
CREATE TRIGGER policy_insert BEFORE INSERT ON policy
WHEN EXISTS (SELECT 1 FROM policy WHERE policy_id = NEW.policy_id)
  OR cairn_sha256(NEW.record) IS NOT (SELECT sha256 FROM object WHERE object_id = NEW.policy_id AND kind = 1)
  OR (SELECT group_concat(key) FROM json_each(NEW.record)) IS NOT
     (SELECT group_concat(key) FROM (SELECT DISTINCT key FROM json_each(NEW.record) ORDER BY key))
  OR json_extract(NEW.record, '$.schema') IS NOT 'cairn.policy/1' OR json_extract(NEW.record, '$.name') IS NOT NEW.name
  OR CAST(json_extract(NEW.record, '$.version') AS TEXT) IS NOT NEW.version
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND action = 'policy.activate' AND subject_kind = 'policy'
                 AND subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.policy_id))
BEGIN SELECT RAISE(ABORT, 'policy: known already, or neither its record nor the newest event says so'); END;
CREATE TRIGGER policy_update BEFORE UPDATE ON policy BEGIN SELECT RAISE(ABORT, 'policy: a policy never changes'); END;
CREATE TRIGGER policy_delete BEFORE DELETE ON policy BEGIN SELECT RAISE(ABORT, 'policy: policies stay'); END;

CREATE TRIGGER candidate_insert BEFORE INSERT ON candidate
WHEN EXISTS (SELECT 1 FROM candidate WHERE candidate_id = NEW.candidate_id)
  OR NEW.status IS NOT 'exploratory' OR NEW.report_id IS NOT NULL OR NEW.status_seq IS NOT NEW.seq
  OR cairn_sha256(NEW.record) IS NOT (SELECT sha256 FROM object WHERE object_id = NEW.candidate_id AND kind = 1)
  OR (SELECT group_concat(key) FROM json_each(NEW.record)) IS NOT
     (SELECT group_concat(key) FROM (SELECT DISTINCT key FROM json_each(NEW.record) ORDER BY key))
  OR json_extract(NEW.record, '$.schema') IS NOT 'cairn.candidate/1'
  OR json_extract(NEW.record, '$.run') IS NOT (SELECT lower(hex(o.sha256)) FROM run r JOIN object o ON o.object_id = r.record_id WHERE r.run_id = NEW.run_id)
  OR json_extract(NEW.record, '$.signalName') IS NOT NEW.signal_name OR json_extract(NEW.record, '$.horizon') IS NOT NEW.horizon
  OR json_extract(NEW.record, '$.estimator') IS NOT NEW.estimator OR json_extract(NEW.record, '$.familyId') IS NOT NEW.family_id
  OR json_extract(NEW.record, '$.datasetId') IS NOT NEW.dataset_id OR json_extract(NEW.record, '$.configHash') IS NOT NEW.config_hash
  OR json_type(NEW.record, '$.evidence') IS NOT 'array'
  OR json_extract(NEW.record, '$.notes') IS NOT (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.notes_id)
  OR NEW.notes IS NOT NULL AND cairn_sha256('{"schema":"cairn.payload/1","text":' || json_quote(NEW.notes) || '}') IS NOT
     (SELECT sha256 FROM object WHERE object_id = NEW.notes_id)
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND action = 'candidate.create' AND subject_kind = 'candidate'
                 AND subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.candidate_id))
BEGIN SELECT RAISE(ABORT, 'candidate: known already, not exploratory, or neither its record nor the newest event says so'); END;

CREATE TRIGGER candidate_evidence_insert BEFORE INSERT ON candidate_evidence
WHEN EXISTS (SELECT 1 FROM candidate_evidence WHERE candidate_id = NEW.candidate_id AND ordinal = NEW.ordinal)
  OR NOT EXISTS (SELECT 1 FROM candidate c JOIN json_each(c.record, '$.evidence') v
                 WHERE c.candidate_id = NEW.candidate_id AND c.seq = (SELECT max(seq) FROM event) AND v.key IS NEW.ordinal
                 AND json_extract(v.value, '$.role') IS NEW.role AND json_extract(v.value, '$.artifact') IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.artifact_id))
  OR NEW.candidate_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'candidate_evidence: the candidate''s record does not say so'); END;
CREATE TRIGGER candidate_evidence_update BEFORE UPDATE ON candidate_evidence BEGIN SELECT RAISE(ABORT, 'candidate_evidence: evidence is pinned'); END;
CREATE TRIGGER candidate_evidence_delete BEFORE DELETE ON candidate_evidence BEGIN SELECT RAISE(ABORT, 'candidate_evidence: evidence is pinned'); END;

CREATE TRIGGER report_insert BEFORE INSERT ON report
WHEN EXISTS (SELECT 1 FROM report WHERE report_id = NEW.report_id)
  OR cairn_sha256(NEW.record) IS NOT (SELECT sha256 FROM object WHERE object_id = NEW.report_id AND kind = 1)
  OR (SELECT group_concat(key) FROM json_each(NEW.record)) IS NOT
     (SELECT group_concat(key) FROM (SELECT DISTINCT key FROM json_each(NEW.record) ORDER BY key))
  OR json_extract(NEW.record, '$.schema') IS NOT 'cairn.report/1'
  OR NOT EXISTS (SELECT 1 FROM candidate c JOIN run r ON r.run_id = c.run_id WHERE c.candidate_id = NEW.candidate_id
                 AND json_extract(NEW.record, '$.candidate') IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = c.candidate_id) AND json_extract(NEW.record, '$.runInstanceId') IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = r.record_id))
  OR NEW.level IS NOT json_extract(NEW.record, '$.level') OR NEW.level NOT IN ('exploratory', 'candidate', 'accepted')
  OR json_type(NEW.record, '$.passed') IS NOT CASE NEW.passed WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE '' END
  OR json_type(NEW.record, '$.blockers') IS NOT 'array' OR (json_array_length(NEW.record, '$.blockers') = 0) IS NOT NEW.passed
  OR json_type(NEW.record, '$.approvals') IS NOT 'array' OR json_type(NEW.record, '$.interested') IS NOT 'array'
  OR json_type(NEW.record, '$.evidence') IS NOT 'array'
  OR NOT EXISTS (SELECT 1 FROM policy WHERE policy_id = NEW.policy_id)
  OR json_extract(NEW.record, '$.policy') IS NOT (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.policy_id) OR json_extract(NEW.record, '$.facts') IS NOT (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.facts_id)
  OR NEW.origin IS NOT 'local'
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND action = 'candidate.evaluate' AND subject_kind = 'report'
                 AND subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.report_id))
BEGIN SELECT RAISE(ABORT, 'report: known already, or neither its record nor the newest event says so'); END;
CREATE TRIGGER report_update BEFORE UPDATE ON report BEGIN SELECT RAISE(ABORT, 'report: a report never changes'); END;
CREATE TRIGGER report_delete BEFORE DELETE ON report BEGIN SELECT RAISE(ABORT, 'report: reports stay'); END;

CREATE TRIGGER approval_insert BEFORE INSERT ON approval
WHEN EXISTS (SELECT 1 FROM approval WHERE approval_id = NEW.approval_id)
  OR cairn_sha256(NEW.record) IS NOT (SELECT sha256 FROM object WHERE object_id = NEW.approval_id AND kind = 1)
  OR (SELECT group_concat(key) FROM json_each(NEW.record)) IS NOT
     (SELECT group_concat(key) FROM (SELECT DISTINCT key FROM json_each(NEW.record) ORDER BY key))
  OR json_extract(NEW.record, '$.schema') IS NOT 'cairn.approval/1'
  OR NOT EXISTS (SELECT 1 FROM report WHERE report_id = NEW.report_id) OR json_extract(NEW.record, '$.report') IS NOT (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.report_id)
  OR json_extract(NEW.record, '$.actor') IS NOT (SELECT id FROM actor WHERE actor_id = NEW.actor_id)
  OR json_extract(NEW.record, '$.keyFingerprint') IS NOT NEW.fingerprint
  OR NOT EXISTS (SELECT 1 FROM actor_key WHERE fingerprint = NEW.fingerprint AND actor_id = NEW.actor_id AND revoked_seq IS NULL)
  OR NOT EXISTS (SELECT 1 FROM event e JOIN event_payload p ON p.seq = e.seq WHERE e.seq = (SELECT max(seq) FROM event) AND e.seq IS NEW.seq AND e.action = 'approve'
                 AND e.subject_kind = 'report' AND e.subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.report_id)
                 AND json_extract(p.payload, '$.values.approval') IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.approval_id))
BEGIN SELECT RAISE(ABORT, 'approval: known already, by a key that is not the actor''s, or neither its record nor the newest event says so'); END;
CREATE TRIGGER approval_update BEFORE UPDATE ON approval BEGIN SELECT RAISE(ABORT, 'approval: an approval never changes'); END;
CREATE TRIGGER approval_delete BEFORE DELETE ON approval BEGIN SELECT RAISE(ABORT, 'approval: approvals stay'); END;

-- A candidate moves along the allowed steps only, by the newest event, which names it, the report and the status. Up, only
-- with the newest report of that candidate and that level, which passed here under the active policy; with every approval it
-- asks for, from different people who hold the role, are none of the interested, and whose key is theirs and not revoked; and
-- with all of its evidence there. Down, only when no accepted name stands for it any more.
CREATE TRIGGER candidate_update BEFORE UPDATE ON candidate
WHEN NEW.candidate_id IS NOT OLD.candidate_id OR NEW.seq IS NOT OLD.seq OR NEW.run_id IS NOT OLD.run_id
  OR NEW.signal_name IS NOT OLD.signal_name OR NEW.horizon IS NOT OLD.horizon OR NEW.estimator IS NOT OLD.estimator
  OR NEW.family_id IS NOT OLD.family_id OR NEW.dataset_id IS NOT OLD.dataset_id OR NEW.config_hash IS NOT OLD.config_hash
  OR NEW.notes_id IS NOT OLD.notes_id OR NEW.notes IS NOT OLD.notes OR NEW.record IS NOT OLD.record
  OR NOT EXISTS (SELECT 1 WHERE OLD.status = 'exploratory' AND NEW.status = 'candidate'
      UNION ALL SELECT 1 WHERE OLD.status = 'candidate' AND NEW.status = 'accepted'
      UNION ALL SELECT 1 WHERE OLD.status IN ('exploratory', 'candidate', 'accepted') AND NEW.status = 'rejected'
      UNION ALL SELECT 1 WHERE OLD.status IN ('candidate', 'accepted', 'rejected') AND NEW.status = 'exploratory')
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.status_seq AND subject_kind = 'candidate'
                 AND subject_id IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.candidate_id)
                 AND action IS CASE NEW.status WHEN 'rejected' THEN 'candidate.reject' WHEN 'exploratory' THEN 'candidate.withdraw'
                                               ELSE 'candidate.promote' END)
  OR NEW.status IN ('exploratory', 'rejected')
     AND (NEW.report_id IS NOT NULL OR EXISTS (SELECT 1 FROM ref WHERE candidate_id = NEW.candidate_id))
  OR NEW.status IN ('candidate', 'accepted') AND (
     NOT EXISTS (SELECT 1 FROM event_payload p WHERE p.seq = NEW.status_seq AND json_extract(p.payload, '$.values.to') IS NEW.status
                 AND json_extract(p.payload, '$.values.report') IS (SELECT lower(hex(sha256)) FROM object WHERE object_id = NEW.report_id))
     OR NOT EXISTS (SELECT 1 FROM report r WHERE r.report_id = NEW.report_id AND r.candidate_id = NEW.candidate_id
                    AND r.level = NEW.status AND r.passed = 1 AND r.origin = 'local'
                    AND r.seq = (SELECT max(n.seq) FROM report n WHERE n.candidate_id = NEW.candidate_id AND n.level = NEW.status)
                    AND (SELECT lower(hex(sha256)) FROM object WHERE object_id = r.policy_id) IS (SELECT subject_id FROM event WHERE action = 'policy.activate' ORDER BY seq DESC LIMIT 1))
     OR EXISTS (SELECT 1 FROM report r JOIN json_each(r.record, '$.approvals') q WHERE r.report_id = NEW.report_id
                AND ((SELECT count(DISTINCT a.actor_id) FROM approval a JOIN actor_key k ON k.fingerprint = a.fingerprint JOIN actor c ON c.actor_id = a.actor_id
                      WHERE a.report_id = r.report_id AND k.actor_id = a.actor_id AND k.revoked_seq IS NULL
                      AND NOT EXISTS (SELECT 1 FROM json_each(r.record, '$.interested') i WHERE i.value = c.id)
                      AND EXISTS (SELECT 1 FROM actor_role h WHERE h.actor_id = a.actor_id AND h.role = json_extract(q.value, '$.role') AND h.held = 1
                                  AND NOT EXISTS (SELECT 1 FROM actor_role n WHERE n.actor_id = h.actor_id AND n.role = h.role AND n.seq > h.seq)))
                     >= json_extract(q.value, '$.count')) IS NOT 1)
     OR (SELECT count(*) FROM candidate_evidence WHERE candidate_id = NEW.candidate_id) IS NOT json_array_length(NEW.record, '$.evidence')
     OR EXISTS (SELECT 1 FROM candidate_evidence v JOIN artifact_state s ON s.artifact_id = v.artifact_id
                WHERE v.candidate_id = NEW.candidate_id AND s.status = 'tombstoned'))
  OR NEW.candidate_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'candidate: nothing that stands in the log and in the reports allows this'); END;
CREATE TRIGGER candidate_delete BEFORE DELETE ON candidate BEGIN SELECT RAISE(ABORT, 'candidate: candidates stay'); END;

---------------------------------------------------------------------------------------------------------------- views

CREATE VIEW objects AS
SELECT lower(hex(o.sha256)) AS sha256, CASE o.kind WHEN 0 THEN 'blob' ELSE 'record' END AS namespace, o.size,
  CASE WHEN o.place = 0 THEN o.size WHEN o.place = -1 THEN o.at END AS stored_size,
  CASE o.place WHEN 0 THEN 'raw' WHEN -1 THEN 'zstd' WHEN -2 THEN 'absent' ELSE 'packed' END AS encoding,
  p.name AS pack, f.start AS frame, CASE WHEN o.place > 0 THEN o.at END AS "offset", coalesce(o.used_ms, p.used_ms) AS last_use_ms
FROM object o LEFT JOIN frame f ON f.frame_id = o.place LEFT JOIN pack p ON p.pack_id = f.pack_id;

CREATE VIEW artifact_lineage AS
SELECT lower(hex(a.sha256)) AS artifact_id, lower(hex(ro.sha256)) AS run_instance_id, r.run_key, r.dataset_id_v2,
  t.text AS artifact_type, coalesce(pt.text, a.key) AS relative_path, lower(hex(b.sha256)) AS sha256, r.created_utc,
  r.engine_version, r.config_version, r.schema_versions_json, r.plugin_manifest_json,
  a.version AS schema_version, a.key AS logical_key, b.size,
  nullif(lower(hex(n.sha256)), '') AS content_hash, n.row_count, n.min_ts, n.max_ts
FROM run r JOIN object ro ON ro.object_id = r.record_id
  JOIN production p ON p.run_id = r.run_id
  JOIN object a ON a.object_id = p.artifact_id
  JOIN object b ON b.object_id = coalesce(a.blob_id, a.object_id - 1)
  JOIN text t ON t.text_id = a.type_id
  LEFT JOIN text pt ON pt.text_id = p.path_id
  LEFT JOIN run_content n ON n.blob_id = b.object_id
    AND n.run_id = (SELECT max(m.run_id) FROM run_content m WHERE m.blob_id = b.object_id)
    AND n.ordinal = (SELECT max(m.ordinal) FROM run_content m WHERE m.blob_id = b.object_id AND m.run_id = n.run_id);

-- Edges through a run are shown here and stored nowhere: every output derives from every input, unless the run says which.
CREATE VIEW artifact_edges AS
SELECT lower(hex(c.sha256)) AS child_artifact_id, lower(hex(i.sha256)) AS parent_artifact_id, t.text AS relation,
  lower(hex(ro.sha256)) AS run_instance_id
FROM run r JOIN object ro ON ro.object_id = r.record_id
  JOIN production p ON p.run_id = r.run_id
  JOIN run_input n ON n.run_id = r.run_id
  JOIN object c ON c.object_id = p.artifact_id
  JOIN object i ON i.object_id = n.artifact_id
  JOIN text t ON t.text_id = n.relation_id
WHERE r.has_edges = 0
  AND NOT EXISTS (SELECT 1 FROM production q WHERE q.run_id = p.run_id AND q.artifact_id = p.artifact_id AND q.path_id < p.path_id)
  AND NOT EXISTS (SELECT 1 FROM run_input m WHERE m.run_id = n.run_id AND m.ordinal < n.ordinal
                  AND m.artifact_id = n.artifact_id AND m.relation_id = n.relation_id)
UNION ALL
SELECT lower(hex(c.sha256)), lower(hex(i.sha256)), t.text, lower(hex(ro.sha256))
FROM run_edge e JOIN run r ON r.run_id = e.run_id JOIN object ro ON ro.object_id = r.record_id
  JOIN object c ON c.object_id = e.child_id JOIN object i ON i.object_id = e.parent_id JOIN text t ON t.text_id = e.relation_id;

CREATE VIEW artifact_status AS
SELECT lower(hex(a.sha256)) AS artifact_id, coalesce(s.status, 'active') AS status,
  (SELECT lower(hex(sha256)) FROM object WHERE object_id = s.by_id) AS superseded_by, s.reason,
  coalesce(s.erased, 0) AS erased, s.seq AS event_id, e.timestamp AS changed_utc
FROM object a LEFT JOIN artifact_state s ON s.artifact_id = a.object_id LEFT JOIN event e ON e.seq = s.seq
WHERE a.key IS NOT NULL;

CREATE VIEW artifacts AS
SELECT lower(hex(a.sha256)) AS artifact_id, t.text AS artifact_type, a.version AS schema_version, a.key AS logical_key,
  coalesce(s.status, 'active') AS status, lower(hex(b.sha256)) AS file_hash, b.size,
  nullif(lower(hex(n.sha256)), '') AS content_hash, n.row_count, n.min_ts, n.max_ts, r.created_utc AS created_at
FROM object a JOIN object b ON b.object_id = coalesce(a.blob_id, a.object_id - 1) JOIN text t ON t.text_id = a.type_id
  LEFT JOIN artifact_state s ON s.artifact_id = a.object_id LEFT JOIN run r ON r.run_id = a.first_run
  LEFT JOIN run_content n ON n.blob_id = b.object_id
    AND n.run_id = (SELECT max(m.run_id) FROM run_content m WHERE m.blob_id = b.object_id)
    AND n.ordinal = (SELECT max(m.ordinal) FROM run_content m WHERE m.blob_id = b.object_id AND m.run_id = n.run_id)
WHERE a.key IS NOT NULL;

CREATE VIEW artifact_tags AS
SELECT lower(hex(a.sha256)) AS artifact_id, n.text AS name, v.text AS value
FROM artifact_tag g JOIN object a ON a.object_id = g.artifact_id JOIN text n ON n.text_id = g.name_id
  JOIN text v ON v.text_id = g.value_id;

CREATE VIEW runs AS
SELECT lower(hex(ro.sha256)) AS run_instance_id, r.seq AS event_id, r.run_key, r.message, r.author, c.id AS actor_id, r.created_utc,
  r.status, lower(hex(tr.sha256)) AS tree, lower(hex(ou.sha256)) AS outputs, r.output_count, r.engine_version, r.config_version,
  r.config_hash, r.dataset_id_v2, r.git_commit, r.git_dirty, r.schema_versions_json, r.plugin_manifest_json,
  CASE WHEN x.run_id IS NULL THEN 0 ELSE 1 END AS retired, x.reason AS retired_reason,
  CASE WHEN EXISTS (SELECT 1 FROM run_input i JOIN artifact_state s ON s.artifact_id = i.artifact_id
                    WHERE i.run_id = r.run_id AND s.status <> 'active') THEN 1 ELSE 0 END AS stale
FROM run r JOIN object ro ON ro.object_id = r.record_id JOIN object tr ON tr.object_id = r.tree_id
  JOIN object ou ON ou.object_id = r.outputs_id JOIN actor c ON c.actor_id = r.actor_id LEFT JOIN retirement x ON x.run_id = r.run_id;

CREATE VIEW run_parents AS
SELECT lower(hex(ro.sha256)) AS run_instance_id, p.ordinal, lower(hex(po.sha256)) AS parent_run_instance_id
FROM run_parent p JOIN run r ON r.run_id = p.run_id JOIN object ro ON ro.object_id = r.record_id JOIN object po ON po.object_id = p.parent_id;

CREATE VIEW run_params AS
SELECT lower(hex(ro.sha256)) AS run_instance_id, n.text AS name, v.type, v.value
FROM run_param v JOIN run r ON r.run_id = v.run_id JOIN object ro ON ro.object_id = r.record_id JOIN text n ON n.text_id = v.name_id;

CREATE VIEW run_metrics AS
SELECT lower(hex(ro.sha256)) AS run_instance_id, n.text AS name, v.value
FROM run_metric v JOIN run r ON r.run_id = v.run_id JOIN object ro ON ro.object_id = r.record_id JOIN text n ON n.text_id = v.name_id;

CREATE VIEW run_tags AS
SELECT lower(hex(ro.sha256)) AS run_instance_id, n.text AS name, v.value
FROM run_tag v JOIN run r ON r.run_id = v.run_id JOIN object ro ON ro.object_id = r.record_id JOIN text n ON n.text_id = v.name_id;

CREATE VIEW refs AS
SELECT f.name, lower(hex(o.sha256)) AS run_instance_id, f.seq AS event_id, (SELECT lower(hex(sha256)) FROM object WHERE object_id = f.candidate_id) AS candidate_id
FROM ref f JOIN run r ON r.run_id = f.run_id JOIN object o ON o.object_id = r.record_id;

CREATE VIEW ref_log AS
SELECT m.seq AS event_id, f.name,
  (SELECT lower(hex(o.sha256)) FROM run r JOIN object o ON o.object_id = r.record_id WHERE r.run_id = m.from_id) AS from_run_instance_id,
  (SELECT lower(hex(o.sha256)) FROM run r JOIN object o ON o.object_id = r.record_id WHERE r.run_id = m.to_id) AS to_run_instance_id,
  m.message, e.timestamp, c.id AS actor_id,
  (SELECT lower(hex(sha256)) FROM object WHERE object_id = m.from_candidate_id) AS from_candidate_id, (SELECT lower(hex(sha256)) FROM object WHERE object_id = m.to_candidate_id) AS to_candidate_id
FROM ref_move m JOIN ref f ON f.ref_id = m.ref_id JOIN event e ON e.seq = m.seq JOIN actor c ON c.actor_id = e.actor_id;

CREATE VIEW holds AS
SELECT h.subject_kind, h.subject_id, h.reason, e.timestamp AS since, h.seq AS event_id
FROM hold h JOIN event e ON e.seq = h.seq WHERE h.held = 1;

-- Names are NULL for who acts without an `actor.add`.
CREATE VIEW actors AS
SELECT a.id AS actor_id, a.name, a.mail,
  (SELECT json_group_array(role) FROM (SELECT h.role FROM actor_role h WHERE h.actor_id = a.actor_id AND h.held = 1
    AND NOT EXISTS (SELECT 1 FROM actor_role n WHERE n.actor_id = h.actor_id AND n.role = h.role AND n.seq > h.seq) ORDER BY h.role)) AS roles_json
FROM actor a;

CREATE VIEW actor_keys AS
SELECT k.fingerprint, c.id AS actor_id, k.public_key, k.type, k.seq AS event_id, e.timestamp AS added_at_utc,
  k.revoked_seq AS revoked_event_id, x.timestamp AS revoked_at_utc, k.revoked_from,
  (SELECT json_extract(p.payload, '$.text') FROM event_payload p WHERE p.seq = k.revoked_seq) AS revoked_reason
FROM actor_key k JOIN actor c ON c.actor_id = k.actor_id JOIN event e ON e.seq = k.seq LEFT JOIN event x ON x.seq = k.revoked_seq;

-- event_id is the newest activation; the newest of all is the active policy.
CREATE VIEW policies AS
SELECT lower(hex(o.sha256)) AS policy_id, p.name, p.version, e.seq AS event_id, e.timestamp AS activated_at_utc,
  CASE WHEN e.seq = (SELECT n.seq FROM event n WHERE n.action = 'policy.activate' ORDER BY n.seq DESC LIMIT 1) THEN 1 ELSE 0 END AS active, p.record
FROM policy p JOIN object o ON o.object_id = p.policy_id
  JOIN event e ON e.seq = (SELECT max(n.seq) FROM event n WHERE n.subject_id = lower(hex(o.sha256)) AND n.action = 'policy.activate');

-- A candidate or accepted one is at risk when the newest report of its level failed, or when evidence was superseded or
-- tombstoned: at_risk_json says which.
CREATE VIEW promotion_candidates AS
SELECT lower(hex(o.sha256)) AS candidate_id, e.timestamp AS created_at_utc, c.status, c.dataset_id, lower(hex(ro.sha256)) AS run_id,
  c.family_id, c.signal_name, c.horizon, c.estimator, c.config_hash, r.git_commit, c.notes,
  json_extract(c.record, '$.evidence') AS evidence_json, (SELECT lower(hex(sha256)) FROM object WHERE object_id = c.report_id) AS eligibility_report_id,
  c.seq AS event_id, c.status_seq AS status_event_id, x.timestamp AS status_at_utc,
  (SELECT f.name FROM ref f WHERE f.candidate_id = c.candidate_id) AS accepted_name,
  CASE WHEN c.status NOT IN ('candidate', 'accepted') THEN 0
    WHEN EXISTS (SELECT 1 FROM report n WHERE n.candidate_id = c.candidate_id AND n.level = c.status AND n.passed = 0
      AND n.seq = (SELECT max(m.seq) FROM report m WHERE m.candidate_id = c.candidate_id AND m.level = c.status)) THEN 1
    WHEN EXISTS (SELECT 1 FROM candidate_evidence v JOIN artifact_state s ON s.artifact_id = v.artifact_id
      WHERE v.candidate_id = c.candidate_id AND s.status <> 'active') THEN 1 ELSE 0 END AS at_risk,
  (SELECT json_group_array(json(why)) FROM (
    SELECT -1 AS n, json_object('kind', 'report-failed', 'report', (SELECT lower(hex(sha256)) FROM object WHERE object_id = n.report_id)) AS why FROM report n
    WHERE c.status IN ('candidate', 'accepted') AND n.candidate_id = c.candidate_id AND n.level = c.status AND n.passed = 0
      AND n.seq = (SELECT max(m.seq) FROM report m WHERE m.candidate_id = c.candidate_id AND m.level = c.status)
    UNION ALL
    SELECT v.ordinal, json_object('artifact', (SELECT lower(hex(sha256)) FROM object WHERE object_id = v.artifact_id), 'kind', 'evidence-' || s.status, 'role', v.role)
    FROM candidate_evidence v JOIN artifact_state s ON s.artifact_id = v.artifact_id
    WHERE c.status IN ('candidate', 'accepted') AND v.candidate_id = c.candidate_id AND s.status <> 'active' ORDER BY 1)) AS at_risk_json
FROM candidate c JOIN object o ON o.object_id = c.candidate_id JOIN event e ON e.seq = c.seq JOIN event x ON x.seq = c.status_seq
  JOIN run r ON r.run_id = c.run_id JOIN object ro ON ro.object_id = r.record_id;

CREATE VIEW eligibility_reports AS
SELECT lower(hex(o.sha256)) AS eligibility_report_id, (SELECT lower(hex(sha256)) FROM object WHERE object_id = r.candidate_id) AS candidate_id, r.level, r.passed,
  json_extract(r.record, '$.blockers') AS blockers_json, json_extract(r.record, '$.warnings') AS warnings_json, json_extract(r.record, '$.evaluatedAt') AS computed_at_utc,
  json_extract(r.record, '$.runKey') AS run_key, json_extract(r.record, '$.runInstanceId') AS run_instance_id, json_extract(r.record, '$.datasetIdV2') AS dataset_id_v2,
  json_extract(r.record, '$.engineVersion') AS engine_version, json_extract(r.record, '$.configVersion') AS config_version, json_extract(r.record, '$.policy') AS policy_id,
  json_extract(r.record, '$.thresholds') AS thresholds_json, json_extract(r.record, '$.metrics') AS metrics_json, json_extract(r.record, '$.facts') AS facts_id, json_extract(r.record, '$.approvals') AS required_approvals_json,
  json_extract(r.record, '$.interested') AS interested_json, json_extract(r.record, '$.waivers') AS waivers_json, json_extract(r.record, '$.evidence') AS evidence_json, json_extract(r.record, '$.evaluator') AS evaluator_id,
  r.origin, r.seq AS event_id, r.record
FROM report r JOIN object o ON o.object_id = r.report_id;

-- roles_json is what the actor held when the approval was logged.
CREATE VIEW approvals AS
SELECT lower(hex(o.sha256)) AS approval_id, (SELECT lower(hex(sha256)) FROM object WHERE object_id = a.report_id) AS eligibility_report_id, (SELECT lower(hex(sha256)) FROM object WHERE object_id = r.candidate_id) AS candidate_id, c.id AS actor_id,
  a.fingerprint AS key_fingerprint, a.seq AS event_id, e.timestamp AS approved_at_utc,
  (SELECT json_group_array(role) FROM (SELECT h.role FROM actor_role h WHERE h.actor_id = a.actor_id AND h.held = 1 AND h.seq <= a.seq
    AND NOT EXISTS (SELECT 1 FROM actor_role n WHERE n.actor_id = h.actor_id AND n.role = h.role AND n.seq > h.seq AND n.seq <= a.seq) ORDER BY h.role)) AS roles_json,
  CASE WHEN k.revoked_seq IS NULL THEN 0 ELSE 1 END AS key_revoked, a.record
FROM approval a JOIN object o ON o.object_id = a.approval_id JOIN report r ON r.report_id = a.report_id JOIN actor c ON c.actor_id = a.actor_id
  JOIN actor_key k ON k.fingerprint = a.fingerprint JOIN event e ON e.seq = a.seq;

-- Which artifact stands under which candidate, report and event.
CREATE VIEW governance_refs AS
SELECT CAST((SELECT lower(hex(sha256)) FROM object WHERE object_id = v.artifact_id) AS TEXT) AS artifact_id, (SELECT lower(hex(sha256)) FROM object WHERE object_id = v.candidate_id) AS candidate_id, NULL AS eligibility_report_id, v.role, c.seq AS event_id
FROM candidate_evidence v JOIN candidate c ON c.candidate_id = v.candidate_id
UNION ALL
SELECT CAST(a.value AS TEXT), (SELECT lower(hex(sha256)) FROM object WHERE object_id = r.candidate_id), (SELECT lower(hex(sha256)) FROM object WHERE object_id = r.report_id),
  (SELECT v.role FROM candidate_evidence v JOIN object o ON o.object_id = v.artifact_id
   WHERE v.candidate_id = r.candidate_id AND lower(hex(o.sha256)) = a.value ORDER BY v.ordinal LIMIT 1), r.seq
FROM report r JOIN json_each(r.record, '$.evidence') a;

CREATE VIEW governance_events AS
SELECT e.seq AS event_id, lower(hex(e.event_id)) AS event_sha256, e.timestamp,
  coalesce(c.name || ' <' || c.mail || '>', c.id) AS actor, e.action,
  CASE e.subject_kind WHEN 'candidate' THEN e.subject_id WHEN 'report' THEN (SELECT lower(hex(sha256)) FROM object WHERE object_id = coalesce(n.candidate_id, v.candidate_id)) END AS candidate_id,
  CASE e.subject_kind WHEN 'report' THEN e.subject_id WHEN 'candidate' THEN json_extract(p.payload, '$.values.report') END AS eligibility_report_id,
  CASE e.subject_kind WHEN 'run' THEN (SELECT r.run_key FROM run r WHERE r.seq = e.seq) ELSE g.run_key END AS run_key,
  CASE e.subject_kind WHEN 'run' THEN (SELECT r.dataset_id_v2 FROM run r WHERE r.seq = e.seq) ELSE g.dataset_id_v2 END AS dataset_id_v2,
  CASE WHEN e.subject_kind = 'artifact' THEN json_array(e.subject_id)
    WHEN d.candidate_id IS NULL THEN '[]'
    ELSE (SELECT json_group_array(id) FROM (SELECT (SELECT lower(hex(sha256)) FROM object WHERE object_id = w.artifact_id) AS id FROM candidate_evidence w WHERE w.candidate_id = d.candidate_id ORDER BY w.ordinal))
  END AS artifact_refs_json,
  e.subject_kind, e.subject_id, c.id AS actor_id, e.record, lower(hex(e.leaf_hash)) AS leaf_hash
FROM event e JOIN actor c ON c.actor_id = e.actor_id
  LEFT JOIN event_payload p ON p.seq = e.seq
  LEFT JOIN report n ON n.seq = e.seq
  LEFT JOIN approval y ON y.seq = e.seq LEFT JOIN report v ON v.report_id = y.report_id
  LEFT JOIN candidate d ON d.candidate_id = coalesce(n.candidate_id, v.candidate_id, CASE e.subject_kind WHEN 'candidate' THEN
    (SELECT k.candidate_id FROM candidate k WHERE k.seq = (SELECT min(f.seq) FROM event f WHERE f.subject_id = e.subject_id AND f.subject_kind = 'candidate')) END)
  LEFT JOIN run g ON g.run_id = d.run_id;

CREATE VIEW promotion_events AS
SELECT e.event_id, e.candidate_id, e.timestamp AS ts_utc, e.action AS event_type,
  CASE e.action
    WHEN 'candidate.create' THEN json_object('run_instance_id', (SELECT c.run_id FROM promotion_candidates c WHERE c.event_id = e.event_id))
    WHEN 'candidate.evaluate' THEN (SELECT json_object('level', r.level, 'passed', json(CASE r.passed WHEN 1 THEN 'true' ELSE 'false' END), 'report', e.eligibility_report_id)
                                    FROM report r WHERE r.seq = e.event_id)
    WHEN 'approve' THEN (SELECT json_object('actor', c.id, 'approval', (SELECT lower(hex(sha256)) FROM object WHERE object_id = a.approval_id), 'report', e.eligibility_report_id)
                         FROM approval a JOIN actor c ON c.actor_id = a.actor_id WHERE a.seq = e.event_id)
    ELSE coalesce((SELECT json_remove(p.payload, '$.schema') FROM event_payload p WHERE p.seq = e.event_id), '{}')
  END AS payload_json
FROM governance_events e WHERE e.candidate_id IS NOT NULL;
