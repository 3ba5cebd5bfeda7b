/**
 * From a revision to a file that a table engine can open. Whatever is handed out has been checked against its name: an
 * object that lies raw in a file of its own is read in place (hashed once, and again only when its stat has changed); a
 * packed or compressed one is written, checked on the way, into a temporary file that `close` removes.
 */
import { concatBytes } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId } from '../../core/ids.ts';
import { type TableFormat, tableFormatOf, tableHeadSize } from '../../core/table-format.ts';
import type { LocalFiles } from '../../ports/local-files.ts';
import type { ArtifactEntry, StoredObject } from '../../ports/manifest.ts';
import type { TableFile } from '../../ports/tables.ts';
import type { UpkeepNotes } from '../../ports/upkeep-notes.ts';
import { artifactEntry } from '../lineage/status-change.ts';
import { storedName } from '../objects/object-names.ts';
import { findObject, streamStored, verifyStored } from '../objects/object-reader.ts';
import { readableBlob } from '../runs/read-content.ts';
import { type RevisionContext, resolveRevision } from '../runs/revision.ts';
import { VerifiedFiles } from './verified-files.ts';

export type TableFilesContext = RevisionContext & { readonly localFiles: LocalFiles; readonly notes: UpkeepNotes };

/** A table of the store: its file, and what the store knows of it. */
export interface StoredTable {
  readonly file: TableFile;
  /** In its run, or in one that made it, or its logical key; the revision itself for a blob that was named by its own id. */
  readonly path: string;
  /** undefined for such a blob. */
  readonly artifact: ArtifactEntry | undefined;
}

interface Held {
  readonly path: string;
  readonly head: Uint8Array;
}

export class TableFiles {
  readonly #context: TableFilesContext;
  readonly #verified: VerifiedFiles;
  readonly #made: string[] = [];

  constructor(context: TableFilesContext) {
    this.#context = context;
    this.#verified = new VerifiedFiles(context.notes);
  }

  /**
   * The table that a revision names. Throws TABLE_INVALID when neither name nor first bytes say which kind of table it
   * is, BAD_ARGUMENT for what is no file, and whatever finding and reading it throws.
   */
  async open(rev: string): Promise<StoredTable> {
    const found = await resolveRevision(this.#context, rev);
    if (found.kind === 'artifact') {
      const object = await readableBlob(this.#context, found.id as ArtifactId);
      const artifact = await artifactEntry(this.#context, found.id as ArtifactId);
      // Where a run made it says what it is, when the revision is the artifact's id alone.
      const [made] = found.path === undefined ? await this.#context.manifest.productions(artifact.id, 1) : [];
      const path = found.path ?? made?.path ?? artifact.logicalKey;
      return { file: await this.ofObject(object, rev, [path, artifact.logicalKey]), path, artifact };
    }
    if (found.kind === 'blob') {
      const object = await findObject(this.#context, 'blob', found.id as StoredObject['id']);
      return { file: await this.ofObject(object, rev, [rev]), path: rev, artifact: undefined };
    }
    throw new CodedError('BAD_ARGUMENT', `${JSON.stringify(rev)} names a ${found.kind}, and a table is needed`, {
      hint: 'Name a file by <run>:<path>, or an artifact by its id.',
      data: { rev, kind: found.kind },
    });
  }

  /** `name` is what messages call it; its kind is told by the first of `paths` whose ending says one, or by the bytes. */
  async ofObject(object: StoredObject, name: string, paths: readonly string[]): Promise<TableFile> {
    const { path, head } = (await this.#inPlace(object)) ?? (await this.#copy(object));
    const format = paths
      .map((text) => tableFormatOf(text, head))
      .find((found): found is TableFormat => found !== undefined);
    if (format === undefined) {
      throw new CodedError(
        'TABLE_INVALID',
        `${name} is no table: neither its name nor its first bytes say which kind`,
        {
          hint: 'Tables are Parquet, Arrow, .csv, .tsv, .jsonl and .ndjson files.',
          data: { table: name },
        },
      );
    }
    return { path, format, name };
  }

  /** Removes the files that were made. */
  async close(): Promise<void> {
    for (let path = this.#made.pop(); path !== undefined; path = this.#made.pop()) {
      await this.#context.localFiles.remove(path);
    }
  }

  /** A raw object in a file of its own whose bytes are right; undefined for any other. */
  async #inPlace(object: StoredObject): Promise<Held | undefined> {
    const { backend, localFiles } = this.#context;
    if (object.location.kind !== 'loose') return undefined;
    const name = storedName(object.namespace, object.id, object.location);
    const path = name === undefined ? undefined : backend.localPath(name);
    if (name === undefined || path === undefined) return undefined;
    const before = await localFiles.stamp(path);
    if (before === undefined || !(await this.#verified.has(object.id, before.text))) {
      await verifyStored(this.#context, object);
      const after = await localFiles.stamp(path);
      if (after?.settled === true && after.text === before?.text) await this.#verified.add(object.id, after.text);
    }
    return { path, head: await backend.read(name, { start: 0, end: tableHeadSize }) };
  }

  async #copy(object: StoredObject): Promise<Held> {
    const context = this.#context;
    let head: Uint8Array = new Uint8Array(0);
    async function* source(): AsyncGenerator<Uint8Array> {
      for await (const chunk of streamStored(context, object)) {
        if (head.length < tableHeadSize) head = concatBytes(head, chunk.slice(0, tableHeadSize - head.length));
        yield chunk;
      }
    }
    const path = await context.localFiles.keep(source());
    this.#made.push(path);
    return { path, head };
  }
}
