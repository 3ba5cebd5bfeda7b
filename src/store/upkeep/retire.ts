/**
 * `retire`: lets go of old runs. Their records and lineage stay; blobs that no other run needs become garbage and go after
 * gc's grace period. What `findKeptRuns` names is never retired: named by hand it is an error, met by a rule it is left.
 *
 * Rules select together: a run is retired when every rule given allows it.
 *   unreachable    only runs that no ref leads to
 *   olderThanMs    only runs recorded longer ago
 *   keepLast       not the newest N of any ref's history, nor the newest N that no ref leads to
 *   keepTags       not runs with a tag (`key`, or `key=value`) that a glob matches
 */
import { CodedError, isCodedError } from '../../core/errors.ts';
import { globMatcher } from '../../core/glob.ts';
import type { RunId } from '../../core/ids.ts';
import { parseArtifactRecord, parseRunRecord } from '../../core/records/parse-record.ts';
import { parseTree } from '../../core/records/tree.ts';
import { timestampMs } from '../../core/time.ts';
import type { Fact, RunEntry } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { actorFact, retireFact } from '../log/governance.ts';
import { writing } from '../objects/write-session.ts';
import { type RevisionContext, resolveRun } from '../runs/revision.ts';
import { DigestSet } from './digest-set.ts';
import { findReachable } from './reachable.ts';
import { visitRecords } from './record-batches.ts';
import { findKeptRuns, type KeptRuns } from './retention.ts';

export interface RetireOptions {
  /** Runs by revision. */
  readonly revisions?: readonly string[] | undefined;
  readonly unreachable?: boolean | undefined;
  readonly olderThanMs?: number | undefined;
  readonly keepLast?: number | undefined;
  readonly keepTags?: readonly string[] | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface RetiredRun {
  readonly runInstanceId: RunId;
  readonly createdAt: string;
  readonly message: string | undefined;
}

export interface RetireResult {
  readonly dryRun: boolean;
  readonly runs: readonly RetiredRun[];
  /** Runs that rules chose and that something keeps, with what. */
  readonly kept: readonly { readonly runInstanceId: RunId; readonly why: string }[];
  /** Blobs that nothing needs any more, and their bytes: gc removes them after the grace period. */
  readonly objects: number;
  readonly bytes: number;
}

const attempts = 8;

async function everyEntry(context: StoreContext, from?: readonly RunId[]): Promise<RunEntry[]> {
  const entries: RunEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await context.manifest.listRuns(from === undefined ? {} : { from }, { limit: 1000, cursor });
    entries.push(...page.rows);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return entries;
}

async function byRules(context: StoreContext, options: RetireOptions): Promise<RunEntry[]> {
  const { unreachable = false, olderThanMs, keepLast, keepTags = [] } = options;
  if (!unreachable && olderThanMs === undefined && keepLast === undefined) return [];
  const all = await everyEntry(context);
  const reached = new Set<RunId>();
  const spared = new Set<RunId>();
  const spareNewest = (runs: readonly RunEntry[]): void => {
    for (const run of runs.filter((one) => !one.retired).slice(0, keepLast ?? 0)) spared.add(run.id);
  };
  if (unreachable || keepLast !== undefined) {
    for (const { target } of await context.manifest.refs('')) {
      const history = await everyEntry(context, [target]);
      for (const run of history) reached.add(run.id);
      spareNewest(history);
    }
    spareNewest(all.filter((run) => !reached.has(run.id)));
  }
  const matchers = keepTags.map((glob) => globMatcher(glob));
  const hasKeptTag = (run: RunEntry): boolean =>
    Object.entries(run.tags).some(([key, value]) =>
      matchers.some((matches) => matches(key) || matches(`${key}=${value}`)),
    );
  const before = olderThanMs === undefined ? Number.POSITIVE_INFINITY : context.clock.now() - olderThanMs;
  return all.filter(
    (run) =>
      !run.retired &&
      !spared.has(run.id) &&
      !(unreachable && reached.has(run.id)) &&
      timestampMs(run.createdAt) < before &&
      !hasKeptTag(run),
  );
}

async function named(context: RevisionContext, revisions: readonly string[], kept: KeptRuns): Promise<RunEntry[]> {
  const ids: RunId[] = [];
  for (const revision of revisions) {
    const id = await resolveRun(context, revision);
    const why = kept.get(id);
    if (why !== undefined) {
      throw new CodedError('HELD', `run ${id.slice(0, 12)} cannot be retired: ${why}`, {
        hint: 'Move or delete the ref, or remove the hold, first.',
        data: { run: id, keptBy: why },
      });
    }
    ids.push(id);
  }
  return (await context.manifest.runs(ids)).filter((run) => run !== undefined && !run.retired) as RunEntry[];
}

function checkRules(options: RetireOptions): void {
  const { revisions = [], unreachable, olderThanMs, keepLast } = options;
  if (revisions.length > 0 || unreachable === true || olderThanMs !== undefined || keepLast !== undefined) return;
  throw new CodedError('BAD_ARGUMENT', 'nothing says which runs to retire', {
    hint: 'Name runs, or give a rule: --unreachable, --older-than 90d or --keep-last 10.',
  });
}

/** Chooses and, unless it is a dry run, records one `retire` event a run. Throws HELD for a named run that is kept. */
export async function retireRuns(context: RevisionContext, options: RetireOptions): Promise<RetireResult> {
  checkRules(options);
  return writing(context, 'retire', async (session) => {
    for (let attempt = 1; ; attempt++) {
      const { size } = await context.manifest.logHead();
      const kept = await findKeptRuns(context);
      const chosen = new Map((await named(context, options.revisions ?? [], kept)).map((run) => [run.id, run]));
      const left: RetireResult['kept'][number][] = [];
      for (const run of await byRules(context, options)) {
        const why = kept.get(run.id);
        if (why === undefined) chosen.set(run.id, run);
        else left.push({ runInstanceId: run.id, why });
      }
      const runs = [...chosen.values()].sort((one, other) => one.seq - other.seq);
      const result: RetireResult = {
        dryRun: options.dryRun === true,
        runs: runs.map(({ id, createdAt, message }) => ({ runInstanceId: id, createdAt, message })),
        kept: left,
        ...(await freedBy(context, new Set(chosen.keys()))),
      };
      if (runs.length === 0 || options.dryRun === true) return result;
      const facts: Fact[] = [
        actorFact(context, session),
        ...runs.map((run) => retireFact(context, session, run.id, undefined)),
      ];
      const stored = await session.settle();
      try {
        // What keeps a run may have changed since it was looked at; then everything is looked at again.
        const guards = [{ kind: 'expect-log-size', size } as const];
        await context.manifest.apply({
          guards,
          facts: [...stored, ...facts],
          nowMs: context.clock.now(),
          clock: context.clock.kind,
        });
        return result;
      } catch (error) {
        if (!isCodedError(error, 'REF_MOVED') || attempt === attempts) throw error;
      }
    }
  });
}

/** Blobs of these runs that nothing else needs. */
async function freedBy(context: StoreContext, runs: ReadonlySet<RunId>): Promise<{ objects: number; bytes: number }> {
  if (runs.size === 0) return { objects: 0, bytes: 0 };
  const reachable = await findReachable(context, { withStaged: true, asRetired: runs });
  const seen = new DigestSet();
  let objects = 0;
  let bytes = 0;
  let trees: Parameters<typeof visitRecords>[1] = [];
  let artifacts: (typeof trees)[number][] = [];
  await visitRecords(context, [...runs], (_, record) => {
    const run = parseRunRecord(record);
    trees = [...trees, run.outputs, run.tree];
    artifacts.push(...run.inputs.map((input) => input.artifact));
  });
  while (trees.length > 0) {
    const next: (typeof trees)[number][] = [];
    await visitRecords(
      context,
      [...new Set(trees)].filter((id) => seen.add(id)),
      (_, record) => {
        for (const entry of parseTree(record).entries) {
          if ('tree' in entry) next.push(entry.tree);
          else if ('artifact' in entry) artifacts.push(entry.artifact);
        }
      },
    );
    trees = next;
  }
  artifacts = [...new Set(artifacts)];
  await visitRecords(context, artifacts, (_, record) => {
    const { sha256, size } = parseArtifactRecord(record).file;
    if (reachable.has('blob', sha256) || !seen.add(sha256)) return;
    objects++;
    bytes += size;
  });
  return { objects, bytes };
}
