/** The state of a workspace in Maps. Entries are copied in and out, so nobody can change what is staged. */
import { compareUtf8 } from '../../core/bytes.ts';
import type { StagedEntry, WorkspaceState } from '../../ports/workspace.ts';

export interface MemoryWorkspaceStateOptions {
  readonly id?: string;
  readonly head?: string;
}

/** Equal entries give equal texts, whatever the order of their members. */
function fingerprint(entry: StagedEntry): string {
  const sorted = (value: object): [string, unknown][] =>
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1));
  const { tags, ...rest } = entry;
  return JSON.stringify([sorted(rest), tags && sorted(tags)]);
}

export function memoryWorkspaceState(options: MemoryWorkspaceStateOptions = {}): WorkspaceState {
  let head = options.head ?? 'heads/main';
  let cache: Uint8Array | undefined;
  const stages = new Map<string, Map<string, StagedEntry>>();

  return {
    id: options.id ?? 'memory',
    head: async () => head,
    async setHead(ref) {
      head = ref;
    },
    statCache: async () => cache?.slice(),
    async saveStatCache(bytes) {
      cache = bytes.slice();
    },
    async staged(stage) {
      const entries = [...(stages.get(stage)?.values() ?? [])];
      return structuredClone(entries.sort((left, right) => compareUtf8(left.path, right.path)));
    },
    async stage(stage, entries, drop) {
      const paths = stages.get(stage) ?? new Map<string, StagedEntry>();
      for (const path of drop) paths.delete(path);
      for (const entry of entries) paths.set(entry.path, structuredClone(entry));
      stages.set(stage, paths);
    },
    async unstage(stage, entries) {
      const paths = stages.get(stage);
      for (const entry of entries) {
        const current = paths?.get(entry.path);
        if (current !== undefined && fingerprint(current) === fingerprint(entry)) paths?.delete(entry.path);
      }
      return paths?.size ?? 0;
    },
    async stages() {
      return [...stages]
        .filter(([, paths]) => paths.size > 0)
        .map(([stage]) => stage)
        .sort(compareUtf8);
    },
    close: async () => undefined,
  };
}
