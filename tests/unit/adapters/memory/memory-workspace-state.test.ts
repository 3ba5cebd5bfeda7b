import { memoryWorkspaceState } from '../../../../src/adapters/memory/memory-workspace-state.ts';
import type { StagedEntry, WorkspaceState } from '../../../../src/ports/workspace.ts';
import { describeConformance, describeDefects, type Open } from '../../../conformance/claims.ts';
import { type StateFixture, workspaceStateClaims } from '../../../conformance/workspace-state.ts';

function fixture(state: WorkspaceState): StateFixture {
  return { open: () => state, dispose: async () => undefined };
}

describeConformance('memoryWorkspaceState', workspaceStateClaims, async () => fixture(memoryWorkspaceState()));

function defective(change: (sound: WorkspaceState) => Partial<WorkspaceState>): Open<StateFixture> {
  return async () => {
    const sound = memoryWorkspaceState();
    return fixture({ ...sound, ...change(sound) });
  };
}

describeDefects('workspace state', workspaceStateClaims, [
  {
    defect: 'makes a new id each time it is opened',
    open: async () => ({
      open: () => memoryWorkspaceState({ id: String(Math.random()) }),
      dispose: async () => undefined,
    }),
    breaks: 'keeps one id, that is not empty',
  },
  {
    defect: 'forgets where it is',
    open: defective(() => ({ setHead: async () => undefined })),
    breaks: 'keeps the current ref',
  },
  {
    defect: 'loses tags',
    open: defective((sound) => ({
      stage: (stage, entries, drop) =>
        sound.stage(
          stage,
          entries.map(({ tags: _, ...rest }) => rest),
          drop,
        ),
    })),
    breaks: 'gives back every member of an entry, and no other',
  },
  {
    defect: 'sorts by UTF-16 units',
    open: defective((sound) => ({
      staged: async (stage) =>
        [...(await sound.staged(stage))].sort((left, right) => (left.path < right.path ? -1 : 1)),
    })),
    breaks: 'lists by the bytes of the path',
  },
  {
    defect: 'does not drop',
    open: defective((sound) => ({ stage: (stage, entries) => sound.stage(stage, entries, []) })),
    breaks: 'replaces an entry, drops others, and leaves the rest',
  },
  {
    defect: 'has one staging area for all',
    open: defective((sound) => ({
      stage: (_, entries, drop) => sound.stage('', entries, drop),
      staged: () => sound.staged(''),
    })),
    breaks: 'keeps staging areas apart, and names those that hold something',
  },
  {
    defect: 'unstages by path alone',
    open: defective((sound) => ({
      unstage: async (stage, entries) => {
        await sound.stage(
          stage,
          [],
          entries.map((entry) => entry.path),
        );
        return (await sound.staged(stage)).length;
      },
    })),
    breaks: 'unstages exactly what is still as given, and says how many remain',
  },
  {
    defect: 'keeps a cache of nothing as none',
    open: defective((sound) => ({
      statCache: async () => {
        const bytes = await sound.statCache();
        return bytes?.length === 0 ? undefined : bytes;
      },
    })),
    breaks: 'keeps the stat cache byte by byte, whatever its size',
  },
  {
    defect: 'gives out its own values',
    open: defective((sound) => {
      let own: StagedEntry[] = [];
      return {
        stage: async (stage, entries, drop) => {
          own = [...entries];
          await sound.stage(stage, entries, drop);
        },
        staged: async () => own,
      };
    }),
    breaks: 'gives values that nobody else changes',
  },
  {
    defect: 'stages whole batches of twenty only',
    open: defective((sound) => ({
      stage: (stage, entries, drop) =>
        sound.stage(stage, entries.slice(0, entries.length - (entries.length % 20)), drop),
    })),
    breaks: 'stages hundreds of entries in every number',
  },
]);
