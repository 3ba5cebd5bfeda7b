/**
 * cairn.config-file/1: `cairn.yaml` at the root of a workspace, what a team agrees on about its files and its runs. Every
 * part may be left out. `cairn schema config-file` prints the JSON Schema of what is here.
 *
 *   pins      versions that every run carries unless an option says otherwise: they are part of its run key
 *   types     rules from path to meaning; the first rule that matches a path decides, options of `add` win over it
 *   runs      commands by name: `cairn run momentum`
 *   datasets  what belongs to a dataset: files of the workspace, or tables of a SQLite database
 *   variables names of environment variables that are recorded besides the usual ones
 *
 * Paths and globs are relative to the workspace's root.
 */
import * as z from 'zod/mini';
import { jsonObject, positiveInteger, shortText, wellFormedText } from '../records/schemas.ts';
import { castFault } from '../table-content/table-type.ts';
import { globFault } from './glob-fault.ts';
import { templateFault } from './key-template.ts';
import { pathFault } from './path-fault.ts';

/** A text with rules of its own; `fault` says why one breaks them. */
function textWith(fault: (text: string) => string | undefined): typeof shortText {
  return shortText.check(
    z.check((context) => {
      const why = fault(context.value);
      if (why !== undefined) context.issues.push({ code: 'custom', message: why, input: context.value });
    }),
  );
}

function distinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

const glob = textWith(globFault);
const path = textWith(pathFault);
const template = textWith(templateFault);
const name = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
      'a name has letters, digits, ".", "_" and "-", starts with a letter or digit, and is at most 100 long',
    ),
  );
const variable = z
  .string()
  .check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/, 'the name of a variable has letters, digits and "_"'));
const names = z.array(shortText).check(
  z.minLength(1),
  z.refine((list: readonly string[]) => distinct(list), 'a name stands here twice'),
);

const pins = z.strictObject({
  engineVersion: z.optional(shortText),
  configVersion: z.optional(shortText),
  researchSpecVersion: z.optional(shortText),
  pipelineContractVersion: z.optional(shortText),
});

/** A column of a table: its name, or with the type that its values are cast to. */
const column = z.union([shortText, z.strictObject({ name: shortText, type: z.optional(textWith(castFault)) })]);

export function columnName(entry: z.infer<typeof column>): string {
  return typeof entry === 'string' ? entry : entry.name;
}

const columns = z.array(column).check(
  z.minLength(1),
  z.refine((list: readonly z.infer<typeof column>[]) => distinct(list.map(columnName)), 'a name stands here twice'),
);

/** What a table's content is: which columns, in which order of rows. Left out: all columns, in the order of the file. */
const table = z
  .strictObject({
    columns: z.optional(columns),
    sort: z.optional(names),
    /** The column of times, for the first and last time of the table. */
    time: z.optional(shortText),
  })
  .check(
    z.check((context) => {
      const { columns, sort, time } = context.value;
      if (columns === undefined) return;
      for (const [key, wanted] of [
        ['sort', sort ?? []],
        ['time', time === undefined ? [] : [time]],
      ] as const) {
        const missing = wanted.find((name) => !columns.some((entry) => columnName(entry) === name));
        if (missing === undefined) continue;
        const message = `${JSON.stringify(missing)} is none of the columns of this table`;
        context.issues.push({ code: 'custom', message, input: context.value, path: [key] });
      }
    }),
  );

const typeRule = z.strictObject({
  match: z.union([glob, z.array(glob).check(z.minLength(1))]),
  type: z.optional(shortText),
  schemaVersion: z.optional(positiveInteger),
  key: z.optional(template),
  table: z.optional(table),
});

const namedRun = z.strictObject({
  /** A text is given to `sh -c`; a list is the program and its arguments, with no shell between. */
  command: z.union([shortText, z.array(wellFormedText).check(z.minLength(1))]),
  message: z.optional(shortText),
  /** `[<relation>=]<rev or path>` */
  inputs: z.optional(z.array(shortText)),
  outputs: z.optional(z.array(path)),
  outputDir: z.optional(path),
  params: z.optional(jsonObject),
  /** Datasets of the run's identity, by name; one over all declared inputs when left out. */
  datasets: z.optional(names),
  variables: z.optional(z.array(variable)),
});

const datasetScope = z
  .strictObject({
    files: z.optional(z.union([glob, z.array(glob).check(z.minLength(1))])),
    /** Path of a SQLite database. */
    sqlite: z.optional(path),
    /** Tables in scope; all user tables when left out. */
    tables: z.optional(names),
    /** Columns that order a table which has no primary key. */
    keys: z.optional(z.record(shortText, names)),
    allowMissing: z.optional(z.boolean()),
    mode: z.optional(z.enum(['STRICT', 'FAST_DEV'])),
  })
  .check(
    z.check((context) => {
      const scope = context.value;
      const issue = (message: string, key?: string): void => {
        context.issues.push({
          code: 'custom',
          message,
          input: scope,
          ...(key === undefined ? {} : { path: [key] }),
        });
      };
      if ((scope.files === undefined) === (scope.sqlite === undefined)) issue('needs either "files" or "sqlite"');
      if (scope.sqlite !== undefined) return;
      for (const key of ['tables', 'keys', 'allowMissing'] as const) {
        if (scope[key] !== undefined) issue('only a dataset with "sqlite" has this', key);
      }
    }),
  );

export const configFileSchema = z.strictObject({
  schema: z.optional(z.literal('cairn.config-file/1')),
  pins: z.optional(pins),
  types: z.optional(z.array(typeRule)),
  runs: z.optional(z.record(name, namedRun)),
  datasets: z.optional(z.record(name, datasetScope)),
  variables: z.optional(z.array(variable)),
});

export type ConfigFile = z.infer<typeof configFileSchema>;
