/**
 * Under which specification a stored file is read as a table: what `cairn.yaml` says of its path, else of its type, else
 * the one that its content was recorded under, else all columns in the order of the file.
 */
import type { TableSpecId } from '../../core/ids.ts';
import { plainTable, type TableSpecRecord } from '../../core/records/table-spec.ts';
import { tableSpecOf } from '../../core/workspace-config/table-spec-of.ts';
import type { WorkspaceConfig } from '../../core/workspace-config/workspace-config.ts';
import type { ArtifactEntry } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { readRecord } from '../objects/object-reader.ts';
import { type ConfiguredWorkspace, readWorkspaceConfig, typeRulesOf } from '../workspace/workspace-config.ts';

/** The table of the first rule with this type that has one. */
export function tableOfType(config: WorkspaceConfig, type: string): TableSpecRecord | undefined {
  const rule = config.types.find((one) => one.type === type && one.table !== undefined);
  return rule?.table === undefined ? undefined : tableSpecOf(rule.table);
}

async function recordedSpec(context: StoreContext, id: TableSpecId): Promise<TableSpecRecord> {
  const { parseTableSpecRecord } = await import('../../core/records/parse-record.ts');
  return parseTableSpecRecord(await readRecord(context, id));
}

export class TableSpecs {
  readonly #context: StoreContext & Partial<ConfiguredWorkspace>;
  #config: WorkspaceConfig | undefined;

  /** Without a workspace there are no rules. */
  constructor(context: StoreContext & Partial<ConfiguredWorkspace>) {
    this.#context = context;
  }

  async of(path: string, artifact: ArtifactEntry | undefined): Promise<TableSpecRecord> {
    const { files, documents } = this.#context;
    if (files !== undefined && documents !== undefined) {
      this.#config ??= await readWorkspaceConfig({ files, documents });
      const byPath = (await typeRulesOf(this.#config))?.(path)?.table;
      if (byPath !== undefined) return tableSpecOf(byPath);
      const byType = artifact === undefined ? undefined : tableOfType(this.#config, artifact.type);
      if (byType !== undefined) return byType;
    }
    return artifact?.content === undefined ? plainTable : recordedSpec(this.#context, artifact.content.spec);
  }
}
