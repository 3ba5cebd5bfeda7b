/**
 * `cairn.yaml` of a workspace. A workspace without one pays for a single look: neither the reader of YAML nor the schema is
 * loaded then.
 */
import { CodedError } from '../../core/errors.ts';
import type { DescribePath } from '../../core/workspace-config/describe-path.ts';
import { configFileLimit, configFileName, type WorkspaceConfig } from '../../core/workspace-config/workspace-config.ts';
import type { DocumentReader } from '../../ports/documents.ts';
import { statSize, type WorkspaceFiles } from '../../ports/workspace.ts';

export interface ConfiguredWorkspace {
  readonly files: WorkspaceFiles;
  readonly documents: DocumentReader;
}

const nothing: WorkspaceConfig = { pins: {}, types: [], runs: new Map(), datasets: new Map(), variables: [] };

/** Throws BAD_JSON naming line and column of what is wrong. */
export async function readWorkspaceConfig({ files, documents }: ConfiguredWorkspace): Promise<WorkspaceConfig> {
  const [found] = await files.stat([configFileName]);
  if (found === undefined) return nothing;
  if (found.kind !== 'file' && found.kind !== 'link') {
    throw new CodedError('BAD_ARGUMENT', `${configFileName} is not a file`, { data: { path: configFileName } });
  }
  if (found.kind === 'file' && (found.stat[statSize] as number) > configFileLimit) {
    throw new CodedError('BAD_ARGUMENT', `${configFileName} is longer than ${configFileLimit / 1024} KiB`, {
      hint: 'It is written by hand: keep data in files of their own.',
      data: { path: configFileName, limit: configFileLimit },
    });
  }
  const text = await files.readText(configFileName);
  if (text === undefined) return nothing;
  if (text.length > configFileLimit) {
    throw new CodedError('BAD_ARGUMENT', `${configFileName} is longer than ${configFileLimit / 1024} KiB`, {
      data: { path: configFileName, limit: configFileLimit },
    });
  }
  const { parseWorkspaceConfig } = await import('../../core/workspace-config/parse-config.ts');
  return parseWorkspaceConfig(await documents.yaml(text, configFileName), configFileName);
}

/** What the type rules say of a path; undefined when there are none, so that nobody asks for nothing. */
export async function typeRulesOf(config: WorkspaceConfig): Promise<DescribePath | undefined> {
  if (config.types.length === 0) return undefined;
  const { describeByRules } = await import('../../core/workspace-config/describe-path.ts');
  return describeByRules(config.types);
}
