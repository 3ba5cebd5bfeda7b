/**
 * Checking what is stored, pack by pack and file by file, against the rows of the manifest. What is found is collected,
 * not thrown: one damaged file says nothing about the next.
 */
import { toHex } from '../../core/bytes.ts';
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import { columnPlaces, type ObjectColumns, type PackEntry, type StoredObject } from '../../ports/manifest.ts';
import type { PackSurvey } from '../../ports/pack-surveyor.ts';
import type { StoreContext } from '../context.ts';
import { packName, storedName } from '../objects/object-names.ts';
import { verifyStored } from '../objects/object-reader.ts';
import type { StoredUnit } from './coverage.ts';
import { isDamage } from './pack-frames.ts';
import { PackedRows } from './packed-rows.ts';
import type { DamagedObject, DamagedPack } from './problems.ts';
import { inspectPack, judgeSurvey, type PackVerdict } from './verify-pack.ts';

export interface Inventory {
  readonly packed: PackedRows;
  readonly loose: StoredObject[];
  /** Objects that an earlier repair had to give up. */
  readonly lost: StoredObject[];
  /** Stored size of each known pack. */
  readonly packs: ReadonlyMap<string, number>;
}

export async function takeInventory(context: StoreContext): Promise<Inventory> {
  const inventory = {
    packed: new PackedRows(),
    loose: [] as StoredObject[],
    lost: [] as StoredObject[],
    packs: new Map((await context.manifest.packs()).map((pack) => [pack.name, pack.bytes])),
  };
  for await (const columns of context.manifest.objectColumns()) {
    inventory.packed.add(columns);
    columns.places.forEach((place, index) => {
      if (place >= 0 || place === columnPlaces.absent) return;
      (place === columnPlaces.lost ? inventory.lost : inventory.loose).push(objectAt(columns, index, place));
    });
  }
  return inventory;
}

/** An object that lies in no pack. */
function objectAt(columns: ObjectColumns, index: number, place: number): StoredObject {
  const id = toHex(columns.digests.subarray(32 * index, 32 * index + 32)) as ObjectId;
  const namespace = columns.kinds[index] === 0 ? 'blob' : 'record';
  const size = columns.sizes[index] as number;
  if (place === columnPlaces.loose) return { namespace, id, size, location: { kind: 'loose' } };
  if (place === columnPlaces.lost) return { namespace, id, size, location: { kind: 'absent', lost: true } };
  return { namespace, id, size, location: { kind: 'loose-zstd', storedSize: columns.at[index] as number } };
}

/** The error of a read as a statement about an object. */
function verdictOf(object: StoredObject, error: unknown): DamagedObject {
  if (!isCodedError(error)) throw error;
  return { namespace: object.namespace, id: object.id, size: object.size, code: error.code, why: error.message };
}

export class ObjectCheck {
  readonly damaged: DamagedObject[] = [];
  readonly damagedPacks: DamagedPack[] = [];
  readonly notes: string[] = [];
  readonly read = new Set<string>();
  readonly judged = new Set<string>();
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

  /** Judges a pack by a survey of all its bytes, or, without one, by its structure. */
  async pack(pack: string, survey: (() => Promise<PackSurvey>) | undefined): Promise<void> {
    const { backend } = this.#context;
    const { packed, packs } = this.#inventory;
    this.judged.add(pack);
    const rows = [...packed.frames(pack).values()].flat();
    let verdict: PackVerdict;
    let size: number;
    try {
      if (survey === undefined) {
        const inspected = await inspectPack(this.#context, pack, packed);
        [verdict, size] = [inspected, inspected.size];
      } else {
        const surveyed = await survey();
        [verdict, size] = [judgeSurvey(surveyed, packed, pack), surveyed.size];
        this.read.add(packName(pack));
        this.objectsRead += rows.length;
      }
    } catch (error) {
      this.#packNotRead(pack, rows, error, backend.isNotFound(error));
      return;
    }
    this.bytesRead += verdict.bytesRead;
    for (const { row, why } of verdict.damaged) this.#damagedRow(row, 'OBJECT_CORRUPT', why);
    const expected = packs.get(pack);
    const structure = [...verdict.structure];
    if (expected !== undefined && size !== expected) structure.unshift(`it has ${size} bytes instead of ${expected}`);
    if (structure.length === 0) return;
    // Where objects are damaged, those are what the pack's damage affects; else all that rests on it.
    const affected = verdict.damaged.length > 0 ? verdict.damaged.map(({ row }) => row) : rows;
    this.#damagedPack(pack, affected, structure.join('; '), false);
  }

  #packNotRead(pack: string, rows: readonly number[], error: unknown, missing: boolean): void {
    if (!missing && !isCodedError(error)) throw error;
    // gc removes the file of an empty pack before it forgets it: nothing was lost.
    if (missing && rows.length === 0) return;
    const why = missing ? 'its pack is missing' : (error as CodedError).message;
    const damage = missing || isDamage(error);
    for (const row of rows) this.#damagedRow(row, damage ? 'OBJECT_CORRUPT' : (error as CodedError).code, why);
    this.#damagedPack(pack, rows, missing ? 'its file is missing' : why, !damage);
  }

  #damagedRow(row: number, code: DamagedObject['code'], why: string): void {
    const { packed } = this.#inventory;
    this.damaged.push({ namespace: packed.namespace(row), id: packed.id(row), size: packed.size(row), code, why });
  }

  #damagedPack(pack: string, rows: readonly number[], why: string, unreadable: boolean): void {
    const { packed } = this.#inventory;
    const objects = rows.map((row) => ({ namespace: packed.namespace(row), id: packed.id(row) }));
    this.damagedPacks.push({ pack, why, objects, unreadable });
  }
}

function storedBytes(object: StoredObject): number {
  return object.location.kind === 'loose-zstd' ? object.location.storedSize : object.size;
}

/** Known packs, and those that only rows name. */
export function packEntries(inventory: Inventory): PackEntry[] {
  const names = new Set([...inventory.packs.keys(), ...inventory.packed.packs()]);
  return Array.from(names, (name) => ({ name, bytes: inventory.packs.get(name) ?? 0 }));
}

export function unitsOf(inventory: Inventory): StoredUnit[] {
  return [
    ...packEntries(inventory).map(({ name, bytes }) => ({ name: packName(name), bytes })),
    ...inventory.loose.map((object) => ({
      name: storedName(object.namespace, object.id, object.location) as string,
      bytes: storedBytes(object),
    })),
  ];
}
