/**
 * What a run says about tables: the contents it found, and the way from a key and a content to the artifacts that have it.
 * Written while the run is open.
 */
import { CodedError } from '../../core/errors.ts';
import type { Fact, RunOutput } from '../../ports/manifest.ts';
import type { ArtifactPlan } from './apply-objects.ts';
import type { ApplyState } from './apply-state.ts';
import { anyContents } from './read-contents.ts';

type RunFact = Extract<Fact, { kind: 'run' }>;

const insertContent = `INSERT INTO run_content (blob_id, run_id, ordinal, record_id, spec_id, sha256, row_count, min_ts, max_ts)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** A blob that is not known becomes known by its hash, as absent: its bytes need never be stored. */
export function writeContents(state: ApplyState, run: number, { id, record, contents }: RunFact): void {
  if (record.contents === undefined) return;
  const records = new Map(contents?.map((named) => [named.id, named.record]));
  record.contents.forEach((content, ordinal) => {
    const found = records.get(content);
    if (found === undefined) {
      throw new CodedError('OBJECT_NOT_FOUND', `run ${id} names content ${content}, whose record is not known`, {
        data: { run: id, content },
      });
    }
    state.connection.run(
      insertContent,
      state.object('blob', found.blob),
      run,
      ordinal,
      state.object('record', content),
      specRow(state, found.spec),
      Buffer.from(found.sha256, 'hex'),
      found.rows,
      found.minTs ?? null,
      found.maxTs ?? null,
    );
  });
}

function specRow(state: ApplyState, spec: string): number {
  const { connection } = state;
  const row = state.object('record', spec);
  if (connection.value('SELECT 1 FROM table_spec WHERE spec_id = ?', row) === undefined) {
    connection.run('INSERT INTO table_spec (spec_id) VALUES (?)', row);
  }
  return row;
}

const artifactsOfBlob = `SELECT object_id, key_hash, first_run FROM object WHERE blob_id = @blob
  UNION ALL SELECT object_id, key_hash, first_run FROM object WHERE object_id = @blob + 1 AND blob_id IS NULL AND key IS NOT NULL`;
const contentsOfBlob = 'SELECT substr(sha256, 1, 4) FROM run_content WHERE blob_id = ?';
const insertMatch = 'INSERT OR IGNORE INTO artifact_content (key_hash, content, artifact_id) VALUES (?, ?, ?)';
const matchOutputs = `INSERT OR IGNORE INTO artifact_content (key_hash, content, artifact_id)
  SELECT a.key_hash, substr(c.sha256, 1, 4), a.object_id FROM production p CROSS JOIN object a ON a.object_id = p.artifact_id
    CROSS JOIN run_content c ON c.blob_id = coalesce(a.blob_id, a.object_id - 1)
  WHERE p.run_id = ? AND p.again = 0`;

/**
 * Artifacts of the blobs whose content the run found, and artifacts that it was the first to produce, of blobs whose
 * content is known. One publication after another comes through here, so its own blobs are looked at one by one.
 */
export function matchContents(
  state: ApplyState,
  run: number,
  { outputs, contents = [] }: RunFact,
  plan: ArtifactPlan,
): void {
  const { connection } = state;
  const own = new Map<string, Buffer[]>();
  for (const { record } of contents) {
    const start = Buffer.from(record.sha256.slice(0, 8), 'hex');
    own.set(record.blob, [...(own.get(record.blob) ?? []), start]);
  }
  for (const [hex, starts] of own) {
    const blob = state.object('blob', hex);
    for (const [artifact, hash, firstRun] of connection.tuples<[number, number, number | null]>(artifactsOfBlob, {
      blob,
    })) {
      if (firstRun === null) continue;
      const all = firstRun === run ? connection.values<Uint8Array>(contentsOfBlob, blob) : starts;
      for (const start of all) connection.run(insertMatch, hash, start, artifact);
    }
  }
  const seen = ({ artifact }: RunOutput): boolean => {
    const file = plan.get(artifact)?.record.file;
    return (file !== undefined && own.has(file.sha256)) || (state.artifacts.get(artifact)?.firstRun ?? run) !== run;
  };
  if (!outputs.every(seen) && anyContents(connection)) connection.run(matchOutputs, run);
}
