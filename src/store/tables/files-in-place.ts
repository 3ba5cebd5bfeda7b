/** Files of a directory as tables, read where they lie: they must not change meanwhile, as with everything that is read there. */
import { CodedError } from '../../core/errors.ts';
import { tableFormatOf, tableFormatOfName, tableHeadSize } from '../../core/table-format.ts';
import type { TableFile } from '../../ports/tables.ts';
import type { WorkspaceFiles } from '../../ports/workspace.ts';

async function headOf(files: WorkspaceFiles, path: string): Promise<Uint8Array> {
  const file = await files.open(path);
  try {
    for await (const chunk of file.chunks()) return chunk.slice(0, tableHeadSize);
    return new Uint8Array(0);
  } finally {
    await file.close();
  }
}

/** Its kind is told by its bytes, or by the first of `names` whose ending says one. Throws TABLE_INVALID when none does. */
export async function tableInPlace(files: WorkspaceFiles, path: string, names: readonly string[]): Promise<TableFile> {
  const format =
    tableFormatOf('', await headOf(files, path)) ?? names.map(tableFormatOfName).find((found) => found !== undefined);
  if (format !== undefined) return { path: `${files.root}/${path}`, format, name: path };
  throw new CodedError('TABLE_INVALID', `${path} is no table: neither its name nor its first bytes say which kind`, {
    hint: 'Tables are Parquet, Arrow, .csv, .tsv, .jsonl and .ndjson files.',
    data: { table: path },
  });
}
