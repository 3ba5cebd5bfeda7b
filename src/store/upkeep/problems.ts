/** What fsck finds, in the form that people and scripts get. */
import type { ErrorCode } from '../../core/errors.ts';
import type { ObjectId, RunId } from '../../core/ids.ts';
import type { Affected, Manifest, Namespace } from '../../ports/manifest.ts';

export type ProblemSubject = Namespace | 'pack' | 'log' | 'manifest';

export interface Problem {
  readonly code: ErrorCode;
  readonly kind: ProblemSubject;
  /** Id of the object or pack; `log` or `manifest`. */
  readonly object: string;
  /** What is wrong, one sentence. */
  readonly problem: string;
  /** What rests on it. */
  readonly affects: Affected;
  readonly hint: string;
}

/** An object that cannot be read, before it is known what that means. */
export interface DamagedObject {
  readonly namespace: Namespace;
  readonly id: ObjectId;
  readonly size: number;
  readonly code: ErrorCode;
  readonly why: string;
}

/** A pack whose structure is damaged. */
export interface DamagedPack {
  readonly pack: string;
  readonly why: string;
  /** True when it could not be read for another reason than damage. */
  readonly unreadable: boolean;
  /** Objects in it that are damaged; all of them when none is. */
  readonly objects: readonly { readonly namespace: Namespace; readonly id: ObjectId }[];
}

export const nothingAffected: Affected = { artifacts: [], runs: [], candidates: [] };

const objectHint =
  'Run `cairn fsck --repair`: it brings back what can be found elsewhere. What stays lost comes back when the same file is added again.';
const packHint = 'What is readable in it stays readable; `cairn fsck --repair` moves it into a new pack.';

/** Runs that hold a directory, by its record. */
type Holders = ReadonlyMap<ObjectId, readonly RunId[]>;

async function affectedBy(manifest: Manifest, objects: DamagedPack['objects'], holders: Holders): Promise<Affected> {
  if (objects.length === 0) return nothingAffected;
  const affected = await manifest.affected(objects);
  const more = objects.flatMap(({ id }) => holders.get(id) ?? []);
  return { ...affected, runs: [...new Set([...affected.runs, ...more])] };
}

export async function objectProblem(manifest: Manifest, damaged: DamagedObject, holders: Holders): Promise<Problem> {
  const { namespace, id, code, why } = damaged;
  return {
    code,
    kind: namespace,
    object: id,
    problem: `${namespace} ${id}: ${why}`,
    affects: await affectedBy(manifest, [{ namespace, id }], holders),
    hint: code === 'OBJECT_CORRUPT' ? objectHint : 'Make it readable, then run the check again.',
  };
}

export async function packProblem(manifest: Manifest, damaged: DamagedPack, holders: Holders): Promise<Problem> {
  return {
    code: 'PACK_CORRUPT',
    kind: 'pack',
    object: damaged.pack,
    problem: `pack ${damaged.pack}: ${damaged.why}`,
    affects: await affectedBy(manifest, damaged.objects, holders),
    hint: packHint,
  };
}

export function storeProblem(kind: 'log' | 'manifest', problem: string): Problem {
  return {
    code: kind === 'log' ? 'LOG_CORRUPT' : 'MANIFEST_CORRUPT',
    kind,
    object: kind,
    problem,
    affects: nothingAffected,
    hint:
      kind === 'log'
        ? 'The log is the one thing that cannot be rebuilt: compare it with a backup or a checkpoint.'
        : 'Run `cairn reindex`: it builds the manifest again from the log and the objects.',
  };
}
