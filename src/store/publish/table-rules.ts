/**
 * Which files are tables, and under which specification: the first rule with a table that matches the path, else the first
 * with a table and the artifact's type, else the ending of the name.
 */
import { canonicalize } from '../../core/canonical-json.ts';
import { CodedError } from '../../core/errors.ts';
import type { TableSpecId } from '../../core/ids.ts';
import { plainTable, type TableSpecRecord, tableSpecBytes } from '../../core/records/table-spec.ts';
import { type TableFormat, tableFormatOf, tableFormatOfName, tableHeadSize } from '../../core/table-format.ts';
import { tableSpecOf } from '../../core/workspace-config/table-spec-of.ts';
import type { TableSpecification } from '../../core/workspace-config/workspace-config.ts';
import type { PublishContext, PublishRequest, PublishSettings } from './request.ts';

/** How one file is read as a table. */
export interface TablePlan {
  readonly spec: TableSpecRecord;
  readonly specId: TableSpecId;
  readonly specBytes: Uint8Array;
  readonly format: TableFormat;
  /** A rule says that it is a table: what cannot be read as one is then refused. */
  readonly ruled: boolean;
}

function ruleFor(settings: PublishSettings, request: PublishRequest): TableSpecification | undefined {
  if (settings.types.length === 0) return undefined;
  const matched = request.workspacePath === undefined ? undefined : settings.tableAt?.(request.workspacePath)?.table;
  return matched ?? settings.types.find(({ type, table }) => type === request.type && table !== undefined)?.table;
}

async function headOf(context: PublishContext, path: string): Promise<Uint8Array> {
  const file = await context.everywhere.open(path);
  try {
    for await (const chunk of file.chunks()) return chunk.slice(0, tableHeadSize);
    return new Uint8Array(0);
  } finally {
    await file.close();
  }
}

/** Plans of one batch: a specification is made once, however many files it is for. */
export class TablePlans {
  readonly #context: PublishContext;
  readonly #settings: PublishSettings;
  readonly #specs = new Map<string, Pick<TablePlan, 'spec' | 'specId' | 'specBytes'>>();

  constructor(context: PublishContext, settings: PublishSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  /** undefined for a file that is no table. Throws TABLE_INVALID when a rule says that it is one and its format cannot be told. */
  async of(request: PublishRequest): Promise<TablePlan | undefined> {
    const rule = ruleFor(this.#settings, request);
    const named = tableFormatOfName(request.fileName) ?? tableFormatOfName(request.path);
    if (rule === undefined)
      return named === undefined ? undefined : { ...this.#spec(plainTable), format: named, ruled: false };
    const format = named ?? tableFormatOf('', await headOf(this.#context, request.path));
    if (format !== undefined) return { ...this.#spec(tableSpecOf(rule)), format, ruled: true };
    throw new CodedError(
      'TABLE_INVALID',
      `${request.name}: cairn.yaml says that it is a table, and its format is unknown`,
      {
        hint: 'Give the format by the ending: .parquet, .csv, .tsv, .jsonl or .arrow (filename_hint, when the file has another name).',
        data: { path: request.name },
      },
    );
  }

  #spec(spec: TableSpecRecord): Pick<TablePlan, 'spec' | 'specId' | 'specBytes'> {
    const key = spec === plainTable ? '' : canonicalize(spec);
    let known = this.#specs.get(key);
    if (known === undefined) {
      const specBytes = tableSpecBytes(spec);
      known = { spec, specBytes, specId: this.#context.codec.sha256Hex(specBytes) as TableSpecId };
      this.#specs.set(key, known);
    }
    return known;
  }
}
