/**
 * `gc`: lets go of bytes that nothing needs.
 *
 * Order, so that a kill at any point loses nothing and leaves a store that fsck finds clean: everything that decides is
 * read first, and one record that cannot be read ends it all with nothing removed; new packs are durable before the
 * manifest points at them; the manifest forgets an object before its file goes; a pack's file goes before its row, and
 * only when no row points into it. What a kill leaves behind is found and removed by the next gc.
 */
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import { formatTimestamp } from '../../core/time.ts';
import type { Fact, Namespace, PackEntry } from '../../ports/manifest.ts';
import { actorFact, statusFact } from '../log/governance.ts';
import { packName } from '../objects/object-names.ts';
import { WriteSession } from '../objects/write-session.ts';
import type { UpkeepContext } from './fsck.ts';
import { findErasures, type GcPlan, planCollection } from './gc-plan.ts';
import { Repacker, repackPack } from './pack-rewrite.ts';
import { findReachable } from './reachable.ts';
import { findOrphans } from './sweep-orphans.ts';

/** 14 days. */
export const defaultGraceMs = 14 * 24 * 3_600_000;

export interface GcOptions {
  /** Objects used within this time stay; 14 days unless said otherwise. */
  readonly graceMs?: number | undefined;
  readonly dryRun?: boolean | undefined;
  /** Erase the bytes of tombstoned artifacts that nothing else needs. */
  readonly eraseTombstoned?: boolean | undefined;
}

export interface RemovedObject {
  readonly namespace: Namespace;
  readonly object: ObjectId;
  readonly size: number;
  readonly why: 'unreachable' | 'erased';
}

export interface GcResult {
  readonly dryRun: boolean;
  /** Objects let go, and bytes freed on the disk (an estimate in a dry run). */
  readonly objects: number;
  readonly bytes: number;
  readonly erased: number;
  readonly packs: { readonly dropped: number; readonly rewritten: number; readonly written: number };
  /** Files that no row pointed at. */
  readonly orphans: number;
  readonly temporaryBytes: number;
  /** The first 10,000; all of them stand in the store's `gc.jsonl`. */
  readonly removed: readonly RemovedObject[];
  readonly notes: readonly string[];
}

const removedShown = 10_000;
const batchSize = 20_000;

/** Throws GC_INCOMPLETE, having removed nothing, when anything that decides cannot be read. */
export async function collectGarbage(context: UpkeepContext, options: GcOptions = {}): Promise<GcResult> {
  const { clock, lock, progress } = context;
  const { dryRun = false, graceMs = defaultGraceMs } = options;
  const held = await (dryRun ? lock.shared('gc --dry-run') : lock.exclusive('gc'));
  try {
    const olderThanMs = clock.now() - graceMs;
    progress.begin('finding what is needed');
    const reachable = await findReachable(context, { withStaged: true });
    const erasures = options.eraseTombstoned === true ? await findErasures(context, reachable) : [];
    const plan = await planCollection(context, reachable, erasures, olderThanMs);
    progress.end();
    return await (dryRun ? foretell(context, plan, olderThanMs) : sweep(context, plan, olderThanMs, graceMs));
  } catch (error) {
    throw incomplete(context, error);
  } finally {
    progress.end();
    await held.release();
  }
}

/** Corruption met while deciding is a reason to remove nothing, and is said so. */
function incomplete({ backend }: UpkeepContext, error: unknown): unknown {
  const damage = (isCodedError(error) && error.kind === 'corrupt') || backend.isNotFound(error);
  if (!damage) return error;
  return new CodedError('GC_INCOMPLETE', `gc removed nothing: ${(error as Error).message}`, {
    hint: 'Run `cairn fsck` to see what is damaged and `cairn fsck --repair` to repair what can be.',
    data: isCodedError(error) ? error.data : {},
    cause: error,
  });
}

function describe(plan: GcPlan): Pick<GcResult, 'objects' | 'erased' | 'removed'> {
  return {
    objects: plan.garbage.length,
    erased: plan.erasures.length,
    removed: plan.garbage
      .slice(0, removedShown)
      .map(({ namespace, id, size, why }) => ({ namespace, object: id, size, why })),
  };
}

function looseBytes(plan: GcPlan): number {
  return plan.garbage.reduce((sum, { file }) => sum + (file?.bytes ?? 0), 0);
}

const bytesOf = (packs: readonly PackEntry[]): number => packs.reduce((sum, pack) => sum + pack.bytes, 0);

async function foretell(context: UpkeepContext, plan: GcPlan, olderThanMs: number): Promise<GcResult> {
  const orphans = await findOrphans(context, olderThanMs);
  const rewritten = plan.rewritten.reduce((sum, pack) => sum + Math.round(pack.bytes * (1 - pack.liveShare)), 0);
  const orphanBytes = orphans.files.reduce((sum, file) => sum + file.size, 0);
  return {
    ...describe(plan),
    dryRun: true,
    bytes: looseBytes(plan) + bytesOf(plan.dropped) + rewritten + orphanBytes,
    packs: { dropped: plan.dropped.length, rewritten: plan.rewritten.length, written: 0 },
    orphans: orphans.files.length,
    temporaryBytes: 0,
    notes: sparedNotes(orphans.spared),
  };
}

function sparedNotes(spared: readonly string[]): string[] {
  return spared.map(
    (name) => `${name} was left: it may be the only good copy of its object. Run \`cairn fsck --repair\`.`,
  );
}

async function sweep(context: UpkeepContext, plan: GcPlan, olderThanMs: number, graceMs: number): Promise<GcResult> {
  const { backend } = context;
  const orphansBefore = await findOrphans(context, olderThanMs);
  const written = await rewritePacks(context, plan);
  await forgetObjects(context, plan);
  await logRemoved(context, plan);

  const outputs = new Set(written.map((pack) => pack.name));
  const gone = [...plan.dropped, ...plan.rewritten].filter((pack) => !outputs.has(pack.name));
  context.progress.begin('removing', plan.garbage.length + gone.length);
  for (const { file } of plan.garbage) {
    if (file !== undefined) await backend.remove(file.name);
    context.progress.advance(1);
  }
  for (const pack of gone) {
    await backend.remove(packName(pack.name));
    context.progress.advance(1);
  }
  if (gone.length > 0) await apply(context, [{ kind: 'forget-packs', packs: gone.map((pack) => pack.name) }]);
  // A pack that a killed gc had written may just have been written again, and is known now.
  const orphans = orphansBefore.files.filter((file) => !written.some((pack) => packName(pack.name) === file.name));
  for (const file of orphans) await backend.remove(file.name);
  const temporaryBytes = await backend.sweepTemporary(graceMs);
  const orphanBytes = orphans.reduce((sum, file) => sum + file.size, 0);
  return {
    ...describe(plan),
    dryRun: false,
    bytes: looseBytes(plan) + bytesOf(gone) - bytesOf(written) + orphanBytes + temporaryBytes,
    packs: { dropped: plan.dropped.length, rewritten: plan.rewritten.length, written: written.length },
    orphans: orphans.length,
    temporaryBytes,
    notes: sparedNotes(orphansBefore.spared),
  };
}

async function apply(context: UpkeepContext, facts: readonly Fact[]): Promise<void> {
  await context.manifest.apply({ facts, nowMs: context.clock.now(), clock: context.clock.kind });
}

async function rewritePacks(context: UpkeepContext, plan: GcPlan): Promise<readonly PackEntry[]> {
  if (plan.rewritten.length === 0) return [];
  const repacker = new Repacker(context);
  context.progress.begin('rewriting packs', plan.rewritten.length);
  try {
    for (const pack of plan.rewritten) {
      await repackPack(context, repacker, pack.name, plan.isGarbage);
      context.progress.advance(1);
    }
    const { packs, moved } = await repacker.end();
    for (const objects of moved(batchSize)) await apply(context, [{ kind: 'relocate', objects, packs }]);
    return packs;
  } catch (error) {
    await repacker.abandon();
    throw error;
  } finally {
    context.progress.end();
  }
}

/** The manifest forgets; erasures are events in the same batch as the forgetting. */
async function forgetObjects(context: UpkeepContext, plan: GcPlan): Promise<void> {
  const unreachable = plan.garbage.filter((object) => object.why === 'unreachable');
  for (let at = 0; at < unreachable.length; at += batchSize) {
    const objects = unreachable.slice(at, at + batchSize).map(({ namespace, id }) => ({ namespace, id }));
    await apply(context, [{ kind: 'forget', objects }]);
  }
  if (plan.erasures.length === 0) return;
  const session = new WriteSession(context);
  try {
    const facts: Fact[] = [actorFact(context, session)];
    for (const { artifacts } of plan.erasures) {
      for (const { id, reason } of artifacts) facts.push(statusFact(context, session, 'erase', id, reason));
    }
    facts.push({
      kind: 'forget',
      objects: plan.erasures.map(({ blob }) => ({ namespace: 'blob' as const, id: blob })),
    });
    await apply(context, [...(await session.settle()), ...facts]);
  } catch (error) {
    await session.abandon();
    throw error;
  }
}

/** One line an object, written before its bytes go. */
async function logRemoved(context: UpkeepContext, plan: GcPlan): Promise<void> {
  const time = formatTimestamp(context.clock.now());
  for (let at = 0; at < plan.garbage.length; at += batchSize) {
    const lines = plan.garbage
      .slice(at, at + batchSize)
      .map(({ namespace, id, size, why }) => JSON.stringify({ time, namespace, object: id, size, why }));
    await context.notes.append('gc.jsonl', lines);
  }
}
