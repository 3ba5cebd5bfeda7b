/** What `cairn.yaml` says, as values (config-schema.ts says what each part means). */
import type { JsonValue } from '../json-value.ts';
import type { TableColumn } from '../records/table-spec.ts';
import type { DatasetMode } from '../run-key.ts';

export const configFileName = 'cairn.yaml';
/** A longer file is refused before it is read. */
export const configFileLimit = 256 * 1024;

export interface VersionPins {
  readonly engineVersion?: string;
  readonly configVersion?: string;
  readonly researchSpecVersion?: string;
  readonly pipelineContractVersion?: string;
}

export interface TableSpecification {
  readonly columns?: readonly TableColumn[];
  readonly sort?: readonly string[];
  readonly time?: string;
}

export interface TypeRule {
  readonly match: readonly string[];
  readonly type?: string;
  readonly schemaVersion?: number;
  /** Template of the logical key. */
  readonly key?: string;
  readonly table?: TableSpecification;
}

export interface NamedRun {
  readonly argv: readonly string[];
  readonly message?: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly outputDir?: string;
  readonly params?: { readonly [name: string]: JsonValue };
  readonly datasets?: readonly string[];
  readonly variables?: readonly string[];
}

/** Either `files` or `sqlite`. */
export interface DatasetScope {
  readonly files?: readonly string[];
  readonly sqlite?: string;
  readonly tables?: readonly string[];
  readonly keys?: { readonly [table: string]: readonly string[] };
  readonly allowMissing?: boolean;
  readonly mode?: DatasetMode;
}

export interface WorkspaceConfig {
  readonly pins: VersionPins;
  readonly types: readonly TypeRule[];
  readonly runs: ReadonlyMap<string, NamedRun>;
  readonly datasets: ReadonlyMap<string, DatasetScope>;
  readonly variables: readonly string[];
}
