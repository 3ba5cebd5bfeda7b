/** Many files against each other: which differ, and how, as far as a comparison of moments goes. */
import { compareUtf8 } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import { ChangedTables, type TableContext } from '../tables/changed-tables.ts';
import type { TableDiffOptions } from '../tables/compare-tables.ts';
import { compareSides, type FileDifference, type FileSide, TextBudget } from './compare-files.ts';

export interface DiffOptions extends Partial<TableDiffOptions> {
  /** Two files that were named are compared line by line, tables too. */
  readonly text?: boolean | undefined;
  /** Turns what a user typed into a path of the workspace; without it only revisions are compared. */
  readonly toPath?: ((text: string) => string) | undefined;
}

const defaultSample = 10;

function inPaths(paths: readonly string[]): (path: string) => boolean {
  if (paths.length === 0 || paths.includes('')) return () => true;
  return (path) => paths.some((one) => path === one || path.startsWith(`${one}/`));
}

/** A path with both of its sides, read when they are needed. */
export interface Pair {
  readonly path: string;
  readonly before: () => Promise<FileSide | undefined>;
  readonly after: () => Promise<FileSide | undefined>;
}

/** What is compared, and how. */
export interface Comparison {
  readonly context: TableContext;
  readonly options: DiffOptions;
  /** Just two files were named: they are compared as tables where they are some, and else no bound counts. */
  readonly named: boolean;
}

/** What differs, in the order of the paths; `paths` as in `diffRevisions`. */
export async function compareAll(
  pairs: readonly Pair[],
  paths: readonly string[],
  { context, options, named }: Comparison,
): Promise<FileDifference[]> {
  if (!named && options.key !== undefined) {
    throw new CodedError('BAD_ARGUMENT', '--key is about the rows of two tables, and none are named', {
      hint: 'Name the two files: `cairn diff <run>:<path> <run>:<path> --key a,b`.',
    });
  }
  const wanted = inPaths(paths);
  const budget = new TextBudget();
  const tables = new ChangedTables(context, { key: options.key, sample: options.sample ?? defaultSample });
  const found: FileDifference[] = [];
  try {
    for (const { path, before, after } of pairs) {
      if (!wanted(path)) continue;
      const difference = await compareSides(path, await before(), await after(), budget);
      if (difference === undefined) continue;
      const asText = named ? options.text === true : difference.text !== undefined;
      const table = asText ? undefined : await tables.compare(difference, named);
      found.push({ ...difference, table });
    }
  } finally {
    await tables.close();
  }
  return found.sort((left, right) => compareUtf8(left.path, right.path));
}
