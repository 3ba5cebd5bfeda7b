/**
 * The bytes of a run to be stored, held against its schema first. Nearly every run is plainly sound and is seen to be so
 * here; only for another one is the schema itself loaded, to judge it and to say what is wrong. Loading it takes longer than
 * all the rest of recording a run.
 *
 * Invariant: what passes here passes the schema (records/run-schema.ts); a property test holds the two against each other.
 */
import { canonicalBytes } from '../canonical-json.ts';
import type { RunRecord } from './run.ts';
import {
  isBoolean,
  isHash,
  isInteger,
  isNumber,
  isObject,
  isOneOf,
  isPositive,
  isShort,
  isText,
  isTime,
  list,
  map,
  members,
} from './sound-values.ts';

const isRelation = isOneOf('derived_from', 'uses_null', 'uses_folds', 'uses_transforms', 'uses_config');

const isIdentity = members(
  {
    datasets: list(members({ id: isShort, algorithm: isShort, mode: isOneOf('STRICT', 'FAST_DEV'), sha256: isHash })),
    // What JSON cannot hold is refused when the bytes are made.
    params: isObject,
    engineVersion: isText,
    configVersion: isText,
    seedVersion: isPositive,
  },
  {
    researchSpecVersion: isText,
    pipelineContractVersion: isText,
    external: members({}, { runKey: isShort, datasetIdV2: isShort }),
  },
);

/** True for most of the runs that the schema accepts, and for no other. */
export const isSoundRun = members(
  {
    schema: isOneOf('cairn.run/1'),
    runKey: isHash,
    identity: isIdentity,
    parents: list(isHash),
    message: isHash,
    author: isShort,
    actor: isHash,
    createdAt: isTime,
    inputs: list(members({ artifact: isHash, relation: isRelation }, { path: isShort, run: isHash })),
    outputs: isHash,
    tree: isHash,
    removed: list(isShort),
    relations: list(members({ run: isHash, relation: isOneOf('reproduces', 'reuses', 'retries') })),
    code: members(
      {},
      {
        gitCommit: (value) => typeof value === 'string' && /^[0-9a-f]{40}$/.test(value),
        gitDirty: isBoolean,
        gitRemote: isShort,
        patch: isHash,
      },
    ),
    writer: members({ name: isShort, version: isShort }),
    plugins: list(members({ name: isShort, version: isShort }, { sha256: isHash })),
    status: isOneOf('succeeded', 'failed'),
    tags: map(isText),
    metrics: map(isNumber),
  },
  {
    edges: list(members({ child: isHash, parent: isHash, relation: isRelation })),
    command: members(
      { argv: list(isText), cwd: isText },
      { exitCode: isInteger, signal: isShort, startedAt: isTime, endedAt: isTime },
    ),
    context: isHash,
    contents: (value) => list(isHash)(value) && (value as readonly unknown[]).length > 0,
    publication: isHash,
  },
);

/** Throws BAD_ARGUMENT for a run that its schema refuses. */
export async function checkedRunBytes(record: RunRecord): Promise<Uint8Array> {
  if (isSoundRun(record)) return canonicalBytes(record);
  return (await import('./parse-record.ts')).runBytes(record);
}
