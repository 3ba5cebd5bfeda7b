/**
 * Files that changed and are tables, told by their rows. Two files that were named are compared whatever their size; of the
 * many files of two runs only as much as a bound allows, so that a comparison of runs stays a matter of moments.
 */
import { isCodedError } from '../../core/errors.ts';
import type { ArtifactEntry } from '../../ports/manifest.ts';
import type { TableFile } from '../../ports/tables.ts';
import type { WorkspaceContext } from '../context.ts';
import type { FileDifference, FileSide } from '../runs/compare-files.ts';
import {
  diffTables,
  isTableName,
  type ReadTables,
  type TableComparison,
  type TableDiffOptions,
} from './compare-tables.ts';
import { tableInPlace } from './files-in-place.ts';
import { TableFiles, type TableFilesContext } from './table-files.ts';
import { TableSpecs } from './table-specs.ts';

export type TableContext = TableFilesContext & ReadTables & Partial<WorkspaceContext>;

/** Between runs: bytes of one table at most, bytes of all of them, and how many. */
export const tableBounds = { largest: 64 * 1024 * 1024, total: 256 * 1024 * 1024, count: 50 } as const;

type StoredFile = Extract<FileSide, { kind: 'file' }>;

interface NamedSide {
  readonly artifact: ArtifactEntry | undefined;
  readonly names: readonly [own: string, ...more: string[]];
}

export class ChangedTables {
  readonly #context: TableContext;
  readonly #options: TableDiffOptions;
  readonly #files: TableFiles;
  readonly #specs: TableSpecs;
  #bytesLeft: number = tableBounds.total;
  #countLeft: number = tableBounds.count;

  constructor(context: TableContext, options: TableDiffOptions) {
    this.#context = context;
    this.#options = options;
    this.#files = new TableFiles(context);
    this.#specs = new TableSpecs(context);
  }

  /**
   * undefined when one side is no table. `named`: the user named just these two files. Throws TABLE_INVALID for files that
   * are no tables when a key was given, and BAD_ARGUMENT for a key that they do not have.
   */
  async compare(difference: FileDifference, named: boolean): Promise<TableComparison | undefined> {
    const { path, before, after } = difference;
    if (difference.change !== 'changed' || before?.kind !== 'file' || after?.kind !== 'file') return undefined;
    const mustBe = named && this.#options.key !== undefined;
    const [left, right] = [await this.#side(before, path, named), await this.#side(after, path, named)];
    if (!mustBe && !(isTableName(...left.names) && isTableName(...right.names))) return undefined;
    if (!named && !this.#allows(before.size, after.size)) return undefined;
    const spec = await this.#specs.of(path, right.artifact ?? left.artifact);
    let files: { before: TableFile; after: TableFile };
    try {
      const [one, other] = [await this.#open(before, left.names), await this.#open(after, right.names)];
      const same = one.name === other.name;
      files = {
        before: same ? { ...one, name: `${one.name} (before)` } : one,
        after: same ? { ...other, name: `${other.name} (after)` } : other,
      };
    } catch (error) {
      if (isCodedError(error, 'OBJECT_WITHDRAWN')) return undefined; // told as such where contents are compared
      throw error;
    }
    return diffTables(this.#context, { ...files, spec }, this.#options);
  }

  /** Removes what was written for the comparison. */
  close(): Promise<void> {
    return this.#files.close();
  }

  #allows(...sizes: readonly number[]): boolean {
    if (sizes.some((size) => size > tableBounds.largest)) return false;
    this.#countLeft--;
    this.#bytesLeft -= sizes.reduce((sum, size) => sum + size, 0);
    return this.#countLeft >= 0 && this.#bytesLeft >= 0;
  }

  /** What one side is called, the name for messages first. */
  async #side({ artifact, place }: StoredFile, path: string, named: boolean): Promise<NamedSide> {
    const { manifest } = this.#context;
    const own = place.path ?? path;
    const [entry] = artifact === undefined ? [] : await manifest.artifacts([artifact]);
    if (entry === undefined) return { artifact: entry, names: [own] };
    const names = [own, entry.logicalKey] as const;
    if (!named || isTableName(...names)) return { artifact: entry, names };
    // Named by its id alone: the file that a run made it as says what it is.
    const [made] = await manifest.productions(entry.id, 1);
    return { artifact: entry, names: made === undefined ? names : [...names, made.path] };
  }

  #open({ place }: StoredFile, names: NamedSide['names']): Promise<TableFile> {
    return place.kind === 'stored'
      ? this.#files.ofObject(place.object, names[0], names)
      : tableInPlace(place.files, place.path, names);
  }
}
