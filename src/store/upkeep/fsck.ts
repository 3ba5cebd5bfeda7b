/**
 * `fsck`: is what the store says true? The index, the log, and every stored object are compared with each other; with
 * `read` bytes are read through and hashed. Nothing is changed here; repair.ts acts on what was found.
 *
 * The shared lock is held, so that gc moves nothing meanwhile; writers go on.
 */
import type { PackSurvey, PackSurveyor } from '../../ports/pack-surveyor.ts';
import type { UpkeepNotes } from '../../ports/upkeep-notes.ts';
import type { StoreContext } from '../context.ts';
import { packName, storedName } from '../objects/object-names.ts';
import { checkLog } from './check-log.ts';
import { type Coverage, chooseUnits, loadCoverage, recordCoverage } from './coverage.ts';
import { type Inventory, ObjectCheck, packEntries, takeInventory, unitsOf } from './object-check.ts';
import {
  type DamagedObject,
  type DamagedPack,
  objectProblem,
  type Problem,
  packProblem,
  storeProblem,
} from './problems.ts';
import { runsOfTrees } from './runs-of-trees.ts';
import { surveyPack } from './survey-pack.ts';
import { SurveyQueue } from './survey-queue.ts';

export type UpkeepContext = StoreContext & { readonly notes: UpkeepNotes };

/** How much is read: structure only, everything, or a share (0 to 1) that goes on where the last one ended. */
export type ReadDepth = 'structure' | 'all' | { readonly share: number };

export interface FsckResult {
  readonly ok: boolean;
  /** Objects that the manifest says are there, and how many of them were read through. */
  readonly objects: number;
  readonly objectsRead: number;
  readonly packs: number;
  readonly events: number;
  readonly bytesRead: number;
  readonly problems: readonly Problem[];
  /** What is noteworthy and no problem. */
  readonly notes: readonly string[];
  readonly coverage: Coverage;
}

/** What is damaged, for repair. */
export interface Damage {
  readonly objects: readonly DamagedObject[];
  readonly packs: readonly DamagedPack[];
  readonly inventory: Inventory;
}

/** Runs the checks without any lock; the caller holds one. */
export async function examine(
  context: UpkeepContext,
  depth: ReadDepth,
  surveyor?: PackSurveyor,
): Promise<{ result: FsckResult; damage: Damage }> {
  const { manifest, progress } = context;
  const problems: Problem[] = [];
  const own = (pack: string): Promise<PackSurvey> => surveyPack(context, pack);
  // Another thread reads packs from the first moment, while this one asks the manifest.
  const early = depth === 'all' ? new SurveyQueue(await manifest.packs(), surveyor, own) : undefined;
  for (const problem of await manifest.check()) problems.push(storeProblem('manifest', problem));
  const log = await checkLog(context);
  for (const problem of log.problems) problems.push(storeProblem('log', problem));

  const inventory = await takeInventory(context);
  const units = unitsOf(inventory);
  const lastRead = await loadCoverage(context.notes);
  const deep = depth === 'structure' ? [] : chooseUnits(units, lastRead, depth === 'all' ? 1 : depth.share);
  const deepNames = new Set(deep.map((unit) => unit.name));
  const isDeep = (name: string): boolean => depth === 'all' || deepNames.has(name);

  const check = new ObjectCheck(context, inventory);
  progress.begin(depth === 'structure' ? 'checking structure' : 'reading objects', units.length);
  try {
    const packs = packEntries(inventory);
    const surveys =
      early ??
      new SurveyQueue(
        packs.filter((pack) => isDeep(packName(pack.name))),
        surveyor,
        own,
      );
    await surveys.drain(async (pack, survey) => {
      await check.pack(pack, survey);
      progress.advance(1);
    });
    // Packs that are not read through, and those that rows name and nothing else.
    for (const { name } of packs) {
      if (check.judged.has(name)) continue;
      await check.pack(name, isDeep(packName(name)) ? () => own(name) : undefined);
      progress.advance(1);
    }
    for (const object of inventory.loose) {
      await check.loose(object, isDeep(storedName(object.namespace, object.id, object.location) as string));
      progress.advance(1);
    }
  } finally {
    progress.end();
  }
  for (const { namespace, id, size } of inventory.lost) {
    check.damaged.push({
      namespace,
      id,
      size,
      code: 'OBJECT_CORRUPT',
      why: 'its bytes were damaged and put aside by an earlier repair',
    });
  }
  if (log.uncommitted)
    check.notes.push('The log ends with lines of a command that was killed; the next writer cuts them off.');
  const unknown = await unknownPacks(context, inventory.packs);
  if (unknown > 0)
    check.notes.push(
      `${unknown} pack${unknown === 1 ? ' is' : 's are'} left by a killed command; gc removes what has expired.`,
    );

  const lost = [...check.damaged, ...check.damagedPacks.flatMap(({ objects }) => objects)];
  const records = lost.filter(({ namespace }) => namespace === 'record').map(({ id }) => id);
  const holders = await runsOfTrees(context, new Set(records));
  for (const damaged of check.damagedPacks) problems.push(await packProblem(manifest, damaged, holders));
  for (const damaged of check.damaged) problems.push(await objectProblem(manifest, damaged, holders));
  const coverage = await recordCoverage(context.notes, units, lastRead, check.read, context.clock.now());
  return {
    result: {
      ok: problems.length === 0,
      objects: inventory.packed.count + inventory.loose.length + inventory.lost.length,
      objectsRead: check.objectsRead,
      packs: inventory.packs.size,
      events: log.events,
      bytesRead: check.bytesRead,
      problems,
      notes: check.notes,
      coverage,
    },
    damage: { objects: check.damaged, packs: check.damagedPacks, inventory },
  };
}

async function unknownPacks(context: StoreContext, known: ReadonlyMap<string, number>): Promise<number> {
  let count = 0;
  for await (const { name } of context.backend.list('packs/'))
    if (!known.has(name.slice('packs/'.length, -'.pack'.length))) count++;
  return count;
}

/** Checks the store. `surveyor` reads packs in another thread. Throws only when the check itself cannot be made. */
export async function checkStore(
  context: UpkeepContext,
  depth: ReadDepth,
  surveyor?: PackSurveyor,
): Promise<FsckResult> {
  const lock = await context.lock.shared('fsck');
  try {
    return (await examine(context, depth, surveyor)).result;
  } finally {
    await lock.release();
  }
}
