/** Ports whose adapters are loaded when they are first asked something: start-up of other commands does not grow. */
import type { CodeRepository } from '../ports/code-repository.ts';
import type { DocumentReader } from '../ports/documents.ts';
import type { EnvironmentProbe, ProcessRunner } from '../ports/process.ts';
import type { ScratchSpace } from '../ports/scratch-space.ts';
import type { SqliteDatasets } from '../ports/sqlite-datasets.ts';
import type { Clock } from '../ports/system.ts';

export interface LazyPorts {
  readonly documents: DocumentReader;
  readonly datasets: SqliteDatasets;
  readonly processes: ProcessRunner;
  readonly environment: EnvironmentProbe;
  readonly code: CodeRepository;
  readonly scratch: ScratchSpace;
}

/** `temporary` is the workspace's own directory for what exists for a while; `root` that of the user's files. */
export function lazyPorts(options: { root: string; temporary: string; clock: Clock }): LazyPorts {
  const { root, temporary, clock } = options;
  const code = async (): Promise<CodeRepository> =>
    (await import('../adapters/git/code-repository.ts')).gitRepository(root);
  const scratch = async (): Promise<ScratchSpace> =>
    (await import('../adapters/fs/scratch-space.ts')).openScratchSpace(temporary);
  const probe = async (): Promise<EnvironmentProbe> =>
    (await import('../adapters/process/environment.ts')).environmentProbe();
  return {
    documents: {
      yaml: async (text, what) => (await import('../adapters/yaml/read-yaml.ts')).readYaml(text, what),
    },
    datasets: {
      digest: async (path, scope) =>
        (await import('../adapters/sqlite/logical-v2.ts')).sqliteDatasets().digest(path, scope),
    },
    processes: {
      run: async (request) => {
        const { openProcessRunner } = await import('../adapters/process/process-runner.ts');
        await (await scratch()).prepare();
        return openProcessRunner({ clock, temporary }).run(request);
      },
    },
    environment: {
      host: async () => (await probe()).host(),
      runtimes: async (command) => (await probe()).runtimes(command),
    },
    code: {
      patch: async (limit) => (await code()).patch(limit),
      checkOut: async (commit, patch, directory) => (await code()).checkOut(commit, patch, directory),
      release: async (directory) => (await code()).release(directory),
    },
    scratch: {
      prepare: async () => (await scratch()).prepare(),
      file: async (name, text) => (await scratch()).file(name, text),
      directory: async () => (await scratch()).directory(),
      copyFile: async (from, to) => (await scratch()).copyFile(from, to),
      remove: async (path) => (await scratch()).remove(path),
    },
  };
}
