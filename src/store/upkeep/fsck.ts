/**
 * `fsck`: is what the store says true? The index, the log, and every stored object are compared with each other; with
 * `read` bytes are read through and hashed. Nothing is changed here; repair.ts acts on what was found.
 *
 * The shared lock is held, so that gc moves nothing meanwhile; writers go on.
 */
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { StoredObject } from '../../ports/manifest.ts';
import type { UpkeepNotes } from '../../ports/upkeep-notes.ts';
import type { StoreContext } from '../context.ts';
import { packName, storedName } from '../objects/object-names.ts';
import { verifyStored } from '../objects/object-reader.ts';
import { checkLog } from './check-log.ts';
import { type Coverage, chooseUnits, loadCoverage, recordCoverage, type StoredUnit } from './coverage.ts';
import { isDamage } from './pack-frames.ts';
import { PackedRows } from './packed-rows.ts';
import {
  type DamagedObject,
  type DamagedPack,
  objectProblem,
  type Problem,
  packProblem,
  storeProblem,
} from './problems.ts';
import { inspectPack, type PackVerdict, readPack } from './verify-pack.ts';

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

export interface Inventory {
  readonly packed: PackedRows;
  readonly loose: StoredObject[];
  /** Objects that an earlier repair had to give up. */
  readonly lost: StoredObject[];
  /** Stored size of each known pack. */
  readonly packs: ReadonlyMap<string, number>;
}

async function takeInventory(context: StoreContext): Promise<Inventory> {
  const inventory = {
    packed: new PackedRows(),
    loose: [] as StoredObject[],
    lost: [] as StoredObject[],
    packs: new Map((await context.manifest.packs()).map((pack) => [pack.name, pack.bytes])),
  };
  for await (const { namespace, id, size, location } of context.manifest.allObjects()) {
    const object = { namespace, id, size, location };
    if (location.kind === 'packed') inventory.packed.add(object);
    else if (location.kind !== 'absent') inventory.loose.push(object);
    else if (location.lost === true) inventory.lost.push(object);
  }
  return inventory;
}

/** The error of a read as a statement about an object. */
function verdictOf(object: StoredObject, error: unknown): DamagedObject {
  if (!isCodedError(error)) throw error;
  return { namespace: object.namespace, id: object.id, size: object.size, code: error.code, why: error.message };
}

class Check {
  readonly damaged: DamagedObject[] = [];
  readonly damagedPacks: DamagedPack[] = [];
  readonly notes: string[] = [];
  readonly read = new Set<string>();
  objectsRead = 0;
  bytesRead = 0;
  readonly #context: StoreContext;
  readonly #inventory: Inventory;

  constructor(context: StoreContext, inventory: Inventory) {
    this.#context = context;
    this.#inventory = inventory;
  }

  async loose(object: StoredObject, deep: boolean): Promise<void> {
    const { backend } = this.#context;
    const name = storedName(object.namespace, object.id, object.location) as string;
    try {
      if (deep) {
        await verifyStored(this.#context, object);
        this.read.add(name);
        this.objectsRead++;
        this.bytesRead += storedBytes(object);
        return;
      }
      const { size } = await backend.stat(name);
      if (size !== storedBytes(object))
        throw new CodedError('OBJECT_CORRUPT', `its file has ${size} bytes instead of ${storedBytes(object)}`);
    } catch (error) {
      const missing = backend.isNotFound(error);
      this.damaged.push(verdictOf(object, missing ? new CodedError('OBJECT_CORRUPT', 'its file is missing') : error));
    }
  }

  async pack(pack: string, deep: boolean): Promise<void> {
    const { backend } = this.#context;
    const { packed, packs } = this.#inventory;
    const expected = packs.get(pack);
    let verdict: PackVerdict;
    try {
      const { size } = await backend.stat(packName(pack));
      verdict = await (deep ? readPack : inspectPack)(this.#context, pack, size, packed);
      if (expected !== undefined && size !== expected) {
        verdict = { ...verdict, structure: [`it has ${size} bytes instead of ${expected}`, ...verdict.structure] };
      }
    } catch (error) {
      const missing = backend.isNotFound(error);
      if (!missing && !isCodedError(error)) throw error;
      const rows = [...packed.frames(pack).values()].flat();
      // gc removes the file of an empty pack before it forgets it: nothing was lost.
      if (missing && rows.length === 0) return;
      const why = missing ? 'its pack is missing' : (error as CodedError).message;
      const code = missing || isDamage(error) ? 'OBJECT_CORRUPT' : (error as CodedError).code;
      for (const row of rows) this.#damagedRow(row, code, why);
      this.#damagedPack(pack, rows, missing ? 'its file is missing' : why);
      return;
    }
    this.bytesRead += verdict.bytesRead;
    for (const { row, why } of verdict.damaged) this.#damagedRow(row, 'OBJECT_CORRUPT', why);
    const rows = [...packed.frames(pack).values()];
    if (verdict.structure.length > 0) this.#damagedPack(pack, rows.flat(), verdict.structure.join('; '));
    if (!deep) return;
    this.read.add(packName(pack));
    this.objectsRead += rows.reduce((sum, members) => sum + members.length, 0);
  }

  #damagedRow(row: number, code: DamagedObject['code'], why: string): void {
    const { packed } = this.#inventory;
    this.damaged.push({ namespace: packed.namespace(row), id: packed.id(row), size: packed.size(row), code, why });
  }

  #damagedPack(pack: string, rows: readonly number[], why: string): void {
    const { packed } = this.#inventory;
    this.damagedPacks.push({
      pack,
      why,
      objects: rows.map((row) => ({ namespace: packed.namespace(row), id: packed.id(row) })),
    });
  }
}

function storedBytes(object: StoredObject): number {
  return object.location.kind === 'loose-zstd' ? object.location.storedSize : object.size;
}

function unitsOf(inventory: Inventory): StoredUnit[] {
  const packs = new Set([...inventory.packs.keys(), ...inventory.packed.packs()]);
  return [
    ...[...packs].map((pack) => ({ name: packName(pack), bytes: inventory.packs.get(pack) ?? 0 })),
    ...inventory.loose.map((object) => ({
      name: storedName(object.namespace, object.id, object.location) as string,
      bytes: storedBytes(object),
    })),
  ];
}

/** Runs the checks without any lock; the caller holds one. */
export async function examine(
  context: UpkeepContext,
  depth: ReadDepth,
): Promise<{ result: FsckResult; damage: Damage }> {
  const { manifest, progress } = context;
  const problems: Problem[] = [];
  for (const problem of await manifest.check()) problems.push(storeProblem('manifest', problem));
  const log = await checkLog(context);
  for (const problem of log.problems) problems.push(storeProblem('log', problem));

  const inventory = await takeInventory(context);
  const units = unitsOf(inventory);
  const lastRead = await loadCoverage(context.notes);
  const deep = depth === 'structure' ? [] : chooseUnits(units, lastRead, depth === 'all' ? 1 : depth.share);
  const deepNames = new Set(deep.map((unit) => unit.name));
  const isDeep = (name: string): boolean => depth === 'all' || deepNames.has(name);

  const check = new Check(context, inventory);
  progress.begin(depth === 'structure' ? 'checking structure' : 'reading objects', units.length);
  try {
    for (const pack of new Set([...inventory.packs.keys(), ...inventory.packed.packs()])) {
      await check.pack(pack, isDeep(packName(pack)));
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

  for (const damaged of check.damagedPacks) problems.push(await packProblem(manifest, damaged));
  for (const damaged of check.damaged) problems.push(await objectProblem(manifest, damaged));
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

/** Checks the store. Throws only when the check itself cannot be made. */
export async function checkStore(context: UpkeepContext, depth: ReadDepth): Promise<FsckResult> {
  const lock = await context.lock.shared('fsck');
  try {
    return (await examine(context, depth)).result;
  } finally {
    await lock.release();
  }
}
