/**
 * `fsck --repair`: what can be repaired without loss, and nothing else.
 *
 *   - a damaged pack: every object that can still be read moves into a new pack, then the old one goes into quarantine
 *   - a damaged or missing object: a good copy found anywhere in the object directory takes its place
 *   - an object of which there is no good copy: its file goes into quarantine and the manifest marks it lost, so that it
 *     is reported until the same bytes are added again
 *
 * Invariant: nothing that could be read before cannot be read after, or after a kill at any point. New packs are durable
 * and have been read back before the manifest points at them; a file is moved aside, never removed, and only when nothing
 * readable in it is needed any more. What could not be read for another reason than damage is left alone.
 */

import type { Fact, ObjectEntry, StoredObject } from '../../ports/manifest.ts';
import type { PackSurveyor } from '../../ports/pack-surveyor.ts';
import { looseName, packName, storedName } from '../objects/object-names.ts';
import { findLooseCopy, findPackedCopies, type WantedObject } from './find-copies.ts';
import { type Damage, examine, type FsckResult, type ReadDepth, type UpkeepContext } from './fsck.ts';
import { Repacker } from './pack-rewrite.ts';
import { salvageLoose } from './salvage-loose.ts';
import { salvagePack } from './salvage-pack.ts';

export interface RepairResult {
  /** What was found before. */
  readonly found: FsckResult;
  /** What is left. */
  readonly left: FsckResult;
  /** Objects that were moved out of damaged packs or found elsewhere. */
  readonly moved: number;
  /** Objects of which no good copy was found. */
  readonly lost: number;
  /** Names in quarantine. */
  readonly quarantined: readonly string[];
}

const keyOf = ({ namespace, id }: Pick<WantedObject, 'namespace' | 'id'>): string => `${namespace}:${id}`;

class Repair {
  readonly #context: UpkeepContext;
  readonly #damage: Damage;
  readonly #repacker: Repacker;
  /** Damaged objects of which no good bytes are known yet. */
  readonly #wanted = new Map<string, WantedObject>();
  readonly #adopted: StoredObject[] = [];
  readonly #quarantined: string[] = [];

  constructor(context: UpkeepContext, damage: Damage) {
    this.#context = context;
    this.#damage = damage;
    this.#repacker = new Repacker(context);
    for (const object of damage.objects) if (object.code === 'OBJECT_CORRUPT') this.#wanted.set(keyOf(object), object);
  }

  async run(): Promise<Omit<RepairResult, 'found' | 'left'>> {
    // What could not be read for another reason than damage stays as it is.
    const packs = this.#damage.packs.filter((pack) => !pack.unreadable);
    try {
      for (const { pack } of packs) await this.#salvage(pack);
      for (const object of [...this.#wanted.values()]) await this.#adoptLoose(object);
      await findPackedCopies(this.#context, this.#wanted, async (object, bytes) =>
        this.#repacker.object(object, bytes),
      );
      await this.#point();
    } catch (error) {
      await this.#repacker.abandon();
      throw error;
    }
    await this.#putAside(packs.map((pack) => pack.pack));
    const lost = [...this.#wanted.values()].map(({ namespace, id }) => ({ namespace, id }));
    if (lost.length > 0) await this.#apply({ kind: 'forget', objects: lost, lost: true });
    if (packs.length > 0) await this.#apply({ kind: 'forget-packs', packs: packs.map((pack) => pack.pack) });
    return { moved: this.#repacker.count + this.#adopted.length, lost: lost.length, quarantined: this.#quarantined };
  }

  async #apply(...facts: readonly Fact[]): Promise<void> {
    await this.#context.manifest.apply({ facts, nowMs: this.#context.clock.now(), clock: this.#context.clock.kind });
  }

  async #salvage(pack: string): Promise<void> {
    const { backend } = this.#context;
    const rows = this.#damage.inventory.packed;
    let size: number;
    try {
      size = (await backend.stat(packName(pack))).size;
    } catch (error) {
      if (backend.isNotFound(error)) return;
      throw error;
    }
    await this.#repacker.mark(`salvaged from pack ${pack}\n`);
    const lost = await salvagePack(this.#context, pack, size, rows, async (row, bytes) => {
      const object = { namespace: rows.namespace(row), id: rows.id(row) };
      this.#wanted.delete(keyOf(object));
      await this.#repacker.object(object, bytes);
    });
    for (const row of lost) {
      const object = { namespace: rows.namespace(row), id: rows.id(row), size: rows.size(row) };
      this.#wanted.set(keyOf(object), object);
    }
  }

  /** A loose copy beside, or the content of a compressed file whose digest frame alone is damaged. */
  async #adoptLoose(wanted: WantedObject): Promise<void> {
    const copy = (await findLooseCopy(this.#context, wanted)) ?? (await salvageLoose(this.#context, wanted));
    if (copy === undefined) return;
    this.#wanted.delete(keyOf(wanted));
    this.#adopted.push({ namespace: copy.namespace, id: copy.id, size: copy.size, location: copy.location });
  }

  /** Makes what was found durable, and points the manifest at it. */
  async #point(): Promise<void> {
    const { packs, moved } = await this.#repacker.end();
    for (const objects of moved(20_000)) await this.#apply({ kind: 'relocate', objects, packs });
    if (this.#adopted.length > 0) await this.#apply({ kind: 'relocate', objects: this.#adopted, packs: [] });
  }

  async #putAside(packs: readonly string[]): Promise<void> {
    for (const pack of packs) await this.#quarantine(packName(pack));
    for (const object of this.#damage.objects) {
      if (object.code !== 'OBJECT_CORRUPT') continue;
      // Whatever lies under the object's loose names now is either the good copy or damaged.
      const [row] = await this.#context.manifest.objects(object.namespace, [object.id]);
      for (const name of [looseName(object.namespace, object.id), `${looseName(object.namespace, object.id)}.zst`]) {
        if (!this.#isGoodPlace(row, name)) await this.#quarantine(name);
      }
    }
  }

  #isGoodPlace(row: ObjectEntry | undefined, name: string): boolean {
    if (row === undefined || this.#wanted.has(keyOf(row))) return false;
    return storedName(row.namespace, row.id, row.location) === name;
  }

  async #quarantine(name: string): Promise<void> {
    try {
      this.#quarantined.push(await this.#context.backend.quarantine(name));
    } catch (error) {
      if (!this.#context.backend.isNotFound(error)) throw error;
    }
  }
}

/** Checks, repairs what was found damaged, and checks the structure again. Holds the store alone. */
export async function repairStore(
  context: UpkeepContext,
  depth: ReadDepth,
  surveyor?: PackSurveyor,
): Promise<RepairResult> {
  const lock = await context.lock.exclusive('fsck --repair');
  try {
    const { result: found, damage } = await examine(context, depth, surveyor);
    if (damage.objects.length === 0 && damage.packs.length === 0) {
      return { found, left: found, moved: 0, lost: 0, quarantined: [] };
    }
    const repaired = await new Repair(context, damage).run();
    const { result: left } = await examine(context, 'structure');
    return { found, left, ...repaired };
  } finally {
    await lock.release();
  }
}
