/** What a type rule says about tables, as the record that says it for ever. */
import type { TableSpecRecord } from '../records/table-spec.ts';
import type { TableSpecification } from './workspace-config.ts';

export function tableSpecOf(table: TableSpecification): TableSpecRecord {
  return { schema: 'cairn.table-spec/1', ...table };
}
