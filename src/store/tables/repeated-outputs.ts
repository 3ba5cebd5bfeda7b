/** An output that was made again, held against the first one as a table, under the specification of its type. */
import type { ArtifactEntry } from '../../ports/manifest.ts';
import type { WorkspaceFiles } from '../../ports/workspace.ts';
import { findObject } from '../objects/object-reader.ts';
import type { TableContext } from './changed-tables.ts';
import { isTableName, judgeTables, type TableVerdict } from './compare-tables.ts';
import { tableInPlace } from './files-in-place.ts';
import { TableFiles } from './table-files.ts';
import { TableSpecs } from './table-specs.ts';

export class RepeatedOutputs {
  readonly #context: TableContext;
  readonly #files: TableFiles;
  readonly #specs: TableSpecs;

  constructor(context: TableContext) {
    this.#context = context;
    this.#files = new TableFiles(context);
    this.#specs = new TableSpecs(context);
  }

  /** undefined for what is no table, and for what cannot be read as the one that it should be: then the bytes count. */
  async judge(
    path: string,
    first: ArtifactEntry,
    there: WorkspaceFiles,
    tolerance: number,
  ): Promise<TableVerdict | undefined> {
    const names = [path, first.logicalKey];
    if (first.absent || !isTableName(...names)) return undefined;
    const spec = await this.#specs.of(path, first);
    const object = await findObject(this.#context, 'blob', first.blob);
    const before = await this.#files.ofObject(object, `${path} (then)`, names);
    const after = { ...(await tableInPlace(there, path, names)), name: `${path} (now)` };
    return judgeTables(this.#context, { before, after, spec }, tolerance);
  }

  /** Removes what was written for the comparison. */
  close(): Promise<void> {
    return this.#files.close();
  }
}
