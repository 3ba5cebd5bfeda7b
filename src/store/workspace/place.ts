/**
 * Putting files of a run into a directory, verified. Small files are written in the order in which packs hold them, large
 * ones are streamed or linked. A file whose content is nowhere else is never overwritten without `force`.
 */
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { BlobId } from '../../core/ids.ts';
import type { FileToWrite } from '../../ports/workspace.ts';
import { statSize } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';
import { storedName } from '../objects/object-names.ts';
import { streamStored, visitObjects } from '../objects/object-reader.ts';
import type { Leaf } from '../runs/trees.ts';
import { type Place, type Placed, type PlaceOptions, type Plan, Planner } from './place-plan.ts';

const batchFiles = 256;
const batchBytes = 4 * 1024 * 1024;
/** Batches under way at once: one is written while the next is read. */
const batchesAhead = 2;

/** Writes leaves and removes the paths whose leaf is undefined. Nothing is touched when one file must not be overwritten. */
export async function placeLeaves(
  workspace: WorkspaceContext,
  place: Place,
  leaves: ReadonlyMap<string, Leaf | undefined>,
  options: PlaceOptions = {},
): Promise<Placed> {
  const plan = await new Planner(workspace, place, leaves, options).plan();
  return new Writer(workspace, place, options).write(plan);
}

class Writer {
  readonly #workspace: WorkspaceContext;
  readonly #place: Place;
  readonly #options: PlaceOptions;
  readonly #learned: { path: string; stats: Float64Array; row: number; blob: BlobId | undefined }[] = [];
  #bytes = 0;

  constructor(workspace: WorkspaceContext, place: Place, options: PlaceOptions) {
    this.#workspace = workspace;
    this.#place = place;
    this.#options = options;
  }

  async write(plan: Plan): Promise<Placed> {
    const { files } = this.#place;
    const { progress } = this.#workspace;
    progress.begin('writing files', plan.files.length);
    try {
      if (plan.removals.length > 0) await files.remove(plan.removals);
      for (const path of plan.removals) this.#place.tree?.forget(path);
      await this.#small(plan.files);
      for (const { path, target } of plan.links) {
        this.#learned.push({ path, stats: await files.writeLink(path, target), row: 0, blob: undefined });
      }
      for (const path of plan.directories) await files.makeDirectory(path);
    } finally {
      progress.end();
      // What was written is known even when a later file failed.
      const now = this.#workspace.clock.kind === 'fixed' ? Number.POSITIVE_INFINITY : this.#workspace.clock.now();
      for (const { path, stats, row, blob } of this.#learned)
        this.#place.tree?.learn(path, stats, row, now, blob, this.#place.ofBase === true && blob !== undefined);
    }
    return {
      written: plan.files.length + plan.links.length + plan.directories.length,
      bytes: this.#bytes,
      unchanged: plan.unchanged,
      removed: plan.removals.length,
    };
  }

  async #small(planned: Plan['files']): Promise<void> {
    const { files } = this.#place;
    let batch: FileToWrite[] = [];
    let blobs: BlobId[] = [];
    let size = 0;
    const linked = this.#options.link !== undefined && this.#options.link !== 'copy';
    const direct = linked ? planned.filter(({ object }) => object.location.kind !== 'loose') : planned;
    if (linked) for (const file of planned) if (file.object.location.kind === 'loose') await this.#large(file);
    const writer = files.writer(direct.length);
    const underWay: Promise<void>[] = [];
    const flush = (): void => {
      if (batch.length === 0) return;
      const written = this.#written(writer.write(batch), batch, blobs, size);
      written.catch(() => undefined); // Thrown where it is awaited, after batches before it.
      underWay.push(written);
      batch = [];
      blobs = [];
      size = 0;
    };
    let large: number[];
    try {
      large = await visitObjects(
        this.#workspace,
        direct.map(({ object }) => object),
        (index, bytes) => {
          const { path, executable, object } = direct[index] as Plan['files'][number];
          batch.push({ path, executable, bytes });
          blobs.push(object.id as BlobId);
          size += bytes.length;
          if (batch.length < batchFiles && size <= batchBytes) return;
          flush();
          return underWay.length > batchesAhead ? underWay.shift() : undefined;
        },
        (index, error) => {
          throw this.#failure(direct[index] as Plan['files'][number], error);
        },
      );
      flush();
      await Promise.all(underWay);
    } finally {
      // What was written is remembered, whatever failed.
      await Promise.allSettled(underWay);
      await writer.close();
    }
    for (const index of large) await this.#large(direct[index] as Plan['files'][number]);
  }

  async #written(
    stats: Promise<Float64Array>,
    batch: readonly FileToWrite[],
    blobs: readonly BlobId[],
    size: number,
  ): Promise<void> {
    const known = await stats;
    batch.forEach(({ path }, row) => {
      this.#learned.push({ path, stats: known, row, blob: blobs[row] });
    });
    this.#workspace.progress.advance(batch.length);
    this.#bytes += size;
  }

  #failure(file: Plan['files'][number], error: unknown): unknown {
    if (!isCodedError(error)) return error;
    return new CodedError(error.code, `${file.path}: ${error.message}`, {
      hint: error.hint,
      data: { ...error.data, path: file.path },
      cause: error,
    });
  }

  async #large(file: Plan['files'][number]): Promise<void> {
    const { files } = this.#place;
    const { backend } = this.#workspace;
    const { path, executable, object } = file;
    const name = storedName(object.namespace, object.id, object.location);
    const local = object.location.kind === 'loose' && name !== undefined ? backend.localPath(name) : undefined;
    let stats: Float64Array;
    try {
      if (local !== undefined && (this.#options.link === 'hardlink' || this.#options.link === 'reflink')) {
        for await (const _ of streamStored(this.#workspace, object));
        stats = await files.writeLinked(path, local, this.#options.link, executable);
      } else stats = await files.writeStream(path, executable, streamStored(this.#workspace, object));
    } catch (error) {
      throw this.#failure(file, error);
    }
    this.#learned.push({ path, stats, row: 0, blob: object.id as BlobId });
    this.#bytes += stats[statSize] as number;
    this.#workspace.progress.advance(1);
  }
}
