/** What deciding needs besides the store: tables for the times of a dataset, and the programs that a policy asks. */
import type { DocumentReader } from '../../ports/documents.ts';
import type { ProgramAsker } from '../../ports/process.ts';
import type { TableReader } from '../../ports/tables.ts';
import type { TableFilesContext } from '../tables/table-files.ts';

export type GovernanceContext = TableFilesContext & {
  readonly tables: TableReader;
  readonly programs: ProgramAsker;
  /** For the policy that is activated where none is. */
  readonly documents: DocumentReader;
};
