/**
 * The run key: what a run means, apart from when, where and by whom it ran. Equal run keys should give equal outputs.
 *
 * The key is the SHA-256 of the canonical JSON of `{schema: "cairn.run-key/1", …identity}`, the datasets sorted by `id`,
 * `algorithm`, `mode` and `sha256`, each by UTF-8 bytes. The identity is closed: a new field is a new schema version.
 */
import { compareUtf8 } from './bytes.ts';
import { canonicalize, type JsonValue } from './canonical-json.ts';
import type { RunKey } from './ids.ts';
import { sha256Hex } from './sha256.ts';

/** STRICT: every member is identified by bytes or by content in a declared order. Only STRICT may be promoted. */
export type DatasetMode = 'STRICT' | 'FAST_DEV';

export interface DatasetIdentity {
  /** The id in the algorithm's own form: 64 hex digits, or 16 for `sqlite_logical_v2`. */
  readonly id: string;
  readonly algorithm: string;
  readonly mode: DatasetMode;
  /** The whole SHA-256 behind the id. */
  readonly sha256: string;
}

export interface RunIdentity {
  readonly datasets: readonly DatasetIdentity[];
  readonly params: { readonly [name: string]: JsonValue };
  readonly engineVersion: string;
  readonly configVersion: string;
  readonly researchSpecVersion?: string;
  readonly pipelineContractVersion?: string;
  readonly seedVersion: number;
  /** Keys of pipelines that compute their own. */
  readonly external?: { readonly runKey?: string; readonly datasetIdV2?: string };
}

function compareDatasets(left: DatasetIdentity, right: DatasetIdentity): number {
  return (
    compareUtf8(left.id, right.id) ||
    compareUtf8(left.algorithm, right.algorithm) ||
    compareUtf8(left.mode, right.mode) ||
    compareUtf8(left.sha256, right.sha256)
  );
}

/** The identity as it is recorded: its datasets in order. */
export function sortIdentity(identity: RunIdentity): RunIdentity {
  return { ...identity, datasets: [...identity.datasets].sort(compareDatasets) };
}

/**
 * Semantic identity of a run. `hash` may be a quicker SHA-256. Throws BAD_JSON for a parameter that canonical JSON cannot
 * hold.
 */
export function runKey(identity: RunIdentity, hash: (text: string) => string = sha256Hex): RunKey {
  return hash(canonicalize({ ...sortIdentity(identity), schema: 'cairn.run-key/1' })) as RunKey;
}

/** SHA-256 of the canonical parameters, 64 hex digits. Throws as `runKey` does. */
export function configHash(params: { readonly [name: string]: JsonValue }): string {
  return sha256Hex(canonicalize(params));
}
