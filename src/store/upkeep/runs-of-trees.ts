/**
 * Which runs hold a directory that is lost. The manifest knows the root of a run's files and of its outputs and nothing
 * below them, so all trees of the store are walked, each of them once: only a damaged store pays for it.
 */
import { isCodedError } from '../../core/errors.ts';
import type { ObjectId, RunId, TreeId } from '../../core/ids.ts';
import type { TreeRecord } from '../../core/records/tree.ts';
import type { StoreContext } from '../context.ts';
import { TreeReader } from '../runs/trees.ts';

const none: ReadonlySet<ObjectId> = new Set();
const runsAtOnce = 1000;

class LostTrees {
  readonly #reader: TreeReader;
  readonly #wanted: ReadonlySet<ObjectId>;
  readonly #below = new Map<TreeId, ReadonlySet<ObjectId>>();

  constructor(context: StoreContext, wanted: ReadonlySet<ObjectId>) {
    this.#reader = new TreeReader(context);
    this.#wanted = wanted;
  }

  /** The wanted ones among a tree and the trees below it. */
  async in(tree: TreeId): Promise<ReadonlySet<ObjectId>> {
    const known = this.#below.get(tree);
    if (known !== undefined) return known;
    const found = new Set<ObjectId>(this.#wanted.has(tree) ? [tree] : []);
    for (const entry of (await this.#readable(tree))?.entries ?? []) {
      if ('tree' in entry) for (const one of await this.in(entry.tree)) found.add(one);
    }
    const kept = found.size === 0 ? none : found;
    this.#below.set(tree, kept);
    return kept;
  }

  /** What lies below a tree that cannot be read is not known; the tree is a problem of its own. */
  async #readable(tree: TreeId): Promise<TreeRecord | undefined> {
    try {
      return await this.#reader.tree(tree);
    } catch (error) {
      if (isCodedError(error)) return undefined;
      throw error;
    }
  }
}

/** The runs of each of these records that is a directory of some run, newest first. */
export async function runsOfTrees(
  context: StoreContext,
  records: ReadonlySet<ObjectId>,
): Promise<ReadonlyMap<ObjectId, readonly RunId[]>> {
  const runs = new Map<ObjectId, RunId[]>();
  if (records.size === 0) return runs;
  const lost = new LostTrees(context, records);
  let cursor: string | undefined;
  do {
    const page = await context.manifest.listRuns({}, { limit: runsAtOnce, cursor });
    for (const { id, tree, outputs } of page.rows) {
      for (const one of new Set([...(await lost.in(tree)), ...(await lost.in(outputs))])) {
        const own = runs.get(one);
        if (own === undefined) runs.set(one, [id]);
        else own.push(id);
      }
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return runs;
}
