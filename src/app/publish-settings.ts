/** What `cairn.yaml` says to publications, read again when the file is another one: a pipeline's process lives long. */
import { describeByRules } from '../core/workspace-config/describe-path.ts';
import { configFileName, type TypeRule, type VersionPins } from '../core/workspace-config/workspace-config.ts';
import type { CodeState, WorkspaceContext } from '../store/context.ts';
import type { PublishSettings } from '../store/publish/request.ts';
import { readWorkspaceConfig } from '../store/workspace/workspace-config.ts';
import { type OpenStore, workspacePath } from './open-store.ts';

type FromFile = Pick<PublishSettings, 'pins' | 'types' | 'tableAt'>;

function fromRules(pins: VersionPins, rules: readonly TypeRule[]): FromFile {
  const tables = rules.filter(({ table }) => table !== undefined);
  return { pins, types: tables, tableAt: tables.length === 0 ? undefined : describeByRules(tables) };
}

export class PublishSettingsReader {
  readonly #open: OpenStore & { readonly root?: string };
  #known: { readonly stamp: string; readonly settings: FromFile } | undefined;

  constructor(open: OpenStore & { readonly root?: string }) {
    this.#open = open;
  }

  async read(code: CodeState): Promise<PublishSettings> {
    return { ...(await this.#fromFile()), code, toPath: (text) => workspacePath(this.#open, text) };
  }

  async #fromFile(): Promise<FromFile> {
    // Without a workspace there is no such file, and whoever publishes says everything.
    const { files, documents } = this.#open as Partial<WorkspaceContext>;
    if (files === undefined || documents === undefined) return fromRules({}, []);
    const [found] = await files.stat([configFileName]);
    const stamp = found === undefined ? '' : `${found.kind} ${found.stat.join(' ')}`;
    if (this.#known?.stamp !== stamp || found?.kind === 'link') {
      const { pins, types } = await readWorkspaceConfig({ files, documents });
      this.#known = { stamp, settings: fromRules(pins, types) };
    }
    return this.#known.settings;
  }
}
