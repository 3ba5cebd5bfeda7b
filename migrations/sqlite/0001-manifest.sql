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
  mail     TEXT,
  roles    TEXT                         -- JSON array
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
  context_id           INTEGER REFERENCES object (object_id)
) STRICT;
CREATE INDEX run_by_record ON run (record_id);
CREATE INDEX run_by_seq ON run (seq);
CREATE INDEX run_by_key ON run (run_key);
CREATE INDEX run_by_created ON run (created_utc);
CREATE INDEX run_by_tree ON run (tree_id);
CREATE INDEX run_by_outputs ON run (outputs_id);
CREATE INDEX run_by_message ON run (message_id);
CREATE INDEX run_by_context ON run (context_id) WHERE context_id IS NOT NULL;

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
  seq    INTEGER NOT NULL REFERENCES event (seq)
) STRICT;

-- One row a `ref.update` event.
CREATE TABLE ref_move (
  seq     INTEGER PRIMARY KEY REFERENCES event (seq),
  ref_id  INTEGER NOT NULL REFERENCES ref (ref_id),
  from_id INTEGER REFERENCES run (run_id),
  to_id   INTEGER REFERENCES run (run_id),
  message TEXT
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
  OR EXISTS (SELECT 1 FROM run_input WHERE producer_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM run_parent WHERE parent_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM run_relation WHERE other_id = OLD.object_id)
  OR EXISTS (SELECT 1 FROM event WHERE payload_id = OLD.object_id)
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

-- Actors: an id may be noted at any time; a name comes with the `actor.add` event of that id, once.
CREATE TRIGGER actor_insert BEFORE INSERT ON actor
WHEN EXISTS (SELECT 1 FROM actor WHERE actor_id = NEW.actor_id OR id = NEW.id)
  OR NEW.name IS NOT NULL OR NEW.mail IS NOT NULL OR NEW.roles IS NOT NULL OR NEW.actor_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'actor: known already, or named without an event'); END;
CREATE TRIGGER actor_update BEFORE UPDATE ON actor
WHEN NEW.actor_id IS NOT OLD.actor_id OR NEW.id IS NOT OLD.id OR OLD.name IS NOT NULL
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND action = 'actor.add'
                 AND subject_kind = 'actor' AND subject_id IS NEW.id)
  OR NEW.actor_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'actor: the newest event does not say so'); END;
CREATE TRIGGER actor_delete BEFORE DELETE ON actor BEGIN SELECT RAISE(ABORT, 'actor: actors stay'); END;

-- Runs: inserted open, right behind their `run.commit` event; closed once; never changed.
CREATE TRIGGER run_insert BEFORE INSERT ON run
WHEN NEW.run_id <= (SELECT max(run_id) FROM run) OR EXISTS (SELECT 1 FROM run WHERE record_id = NEW.record_id)
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
  plugin_manifest_json, has_edges, context_id ON run
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

CREATE TRIGGER ref_insert BEFORE INSERT ON ref
WHEN EXISTS (SELECT 1 FROM ref WHERE ref_id = NEW.ref_id OR name = NEW.name)
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND action = 'ref.update' AND subject_kind = 'ref'
                 AND subject_id IS NEW.name)
  OR NEW.ref_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'ref: the newest event does not say so'); END;
CREATE TRIGGER ref_update BEFORE UPDATE ON ref
WHEN NEW.ref_id IS NOT OLD.ref_id OR NEW.name IS NOT OLD.name
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND action = 'ref.update' AND subject_kind = 'ref'
                 AND subject_id IS NEW.name)
  OR NEW.ref_id IS NULL AND cairn_sha256(NULL)
BEGIN SELECT RAISE(ABORT, 'ref: the newest event does not say so'); END;
CREATE TRIGGER ref_delete BEFORE DELETE ON ref BEGIN SELECT RAISE(ABORT, 'ref: a ref has a past'); END;
CREATE TRIGGER ref_move_insert BEFORE INSERT ON ref_move
WHEN EXISTS (SELECT 1 FROM ref_move WHERE seq = NEW.seq)
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = (SELECT max(seq) FROM event) AND seq IS NEW.seq AND action = 'ref.update' AND subject_kind = 'ref'
                 AND subject_id IS (SELECT name FROM ref WHERE ref_id = NEW.ref_id))
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
  NULL AS content_hash, NULL AS row_count, NULL AS min_ts, NULL AS max_ts
FROM run r JOIN object ro ON ro.object_id = r.record_id
  JOIN production p ON p.run_id = r.run_id
  JOIN object a ON a.object_id = p.artifact_id
  JOIN object b ON b.object_id = coalesce(a.blob_id, a.object_id - 1)
  JOIN text t ON t.text_id = a.type_id
  LEFT JOIN text pt ON pt.text_id = p.path_id;

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
  NULL AS content_hash, NULL AS row_count, NULL AS min_ts, NULL AS max_ts, r.created_utc AS created_at
FROM object a JOIN object b ON b.object_id = coalesce(a.blob_id, a.object_id - 1) JOIN text t ON t.text_id = a.type_id
  LEFT JOIN artifact_state s ON s.artifact_id = a.object_id LEFT JOIN run r ON r.run_id = a.first_run
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
SELECT f.name, lower(hex(o.sha256)) AS run_instance_id, f.seq AS event_id
FROM ref f JOIN run r ON r.run_id = f.run_id JOIN object o ON o.object_id = r.record_id;

CREATE VIEW ref_log AS
SELECT m.seq AS event_id, f.name,
  (SELECT lower(hex(o.sha256)) FROM run r JOIN object o ON o.object_id = r.record_id WHERE r.run_id = m.from_id) AS from_run_instance_id,
  (SELECT lower(hex(o.sha256)) FROM run r JOIN object o ON o.object_id = r.record_id WHERE r.run_id = m.to_id) AS to_run_instance_id,
  m.message, e.timestamp, c.id AS actor_id
FROM ref_move m JOIN ref f ON f.ref_id = m.ref_id JOIN event e ON e.seq = m.seq JOIN actor c ON c.actor_id = e.actor_id;

CREATE VIEW holds AS
SELECT h.subject_kind, h.subject_id, h.reason, e.timestamp AS since, h.seq AS event_id
FROM hold h JOIN event e ON e.seq = h.seq WHERE h.held = 1;

-- candidate_id and eligibility_report_id are filled when there are candidates and reports.
CREATE VIEW governance_events AS
SELECT e.seq AS event_id, lower(hex(e.event_id)) AS event_sha256, e.timestamp,
  coalesce(c.name || ' <' || c.mail || '>', c.id) AS actor, e.action,
  NULL AS candidate_id, NULL AS eligibility_report_id,
  CASE WHEN e.subject_kind = 'run' THEN (SELECT r.run_key FROM run r WHERE r.seq = e.seq) END AS run_key,
  CASE WHEN e.subject_kind = 'run' THEN (SELECT r.dataset_id_v2 FROM run r WHERE r.seq = e.seq) END AS dataset_id_v2,
  CASE WHEN e.subject_kind = 'artifact' THEN json_array(e.subject_id) ELSE '[]' END AS artifact_refs_json,
  e.subject_kind, e.subject_id, c.id AS actor_id, e.record, lower(hex(e.leaf_hash)) AS leaf_hash
FROM event e JOIN actor c ON c.actor_id = e.actor_id;
