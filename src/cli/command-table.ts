/**
 * Every command: what it is called, one line about it, and where its module is. Only the module of the command that is
 * used is ever loaded.
 */
import type { CommandEntry, CommandGroup, CommandTable } from './command.ts';

export const commandTable: CommandTable = [
  {
    title: 'Work',
    commands: {
      init: { summary: 'make a workspace and its store', load: () => import('./commands/init.ts') },
      status: { summary: 'what is staged, modified, missing, untracked', load: () => import('./commands/status.ts') },
      add: { summary: 'store files and stage them', load: () => import('./commands/add.ts') },
      rm: { summary: 'unstage paths', load: () => import('./commands/rm.ts') },
      commit: { summary: 'record a run', load: () => import('./commands/commit.ts') },
      run: { summary: 'run a command and record how its outputs came to be', load: () => import('./commands/run.ts') },
      rerun: { summary: 'do a run again and compare', load: () => import('./commands/rerun.ts') },
      publish: {
        summary: 'store one file as an artifact with its lineage',
        load: () => import('./commands/publish.ts'),
      },
      checkout: { summary: 'write files of a run', load: () => import('./commands/checkout.ts') },
    },
  },
  {
    title: 'Look',
    commands: {
      log: { summary: 'runs, newest first', load: () => import('./commands/log.ts') },
      show: { summary: 'one thing: run, artifact, candidate, report, event', load: () => import('./commands/show.ts') },
      ls: { summary: 'artifacts of the store, files of a run', load: () => import('./commands/ls.ts') },
      cat: { summary: 'the bytes of an artifact or object, verified', load: () => import('./commands/cat.ts') },
      diff: { summary: 'what differs between runs, files or the workspace', load: () => import('./commands/diff.ts') },
      lineage: {
        summary: 'what something was made from, or what rests on it',
        load: () => import('./commands/lineage.ts'),
      },
      seed: { summary: 'a seed that follows from what a run means', load: () => import('./commands/seed.ts') },
      dataset: {
        summary: 'identity of data',
        verbs: {
          id: { summary: 'id of files, artifacts or a database', load: () => import('./commands/dataset/id.ts') },
        },
      },
      trace: {
        summary: 'how a candidate or an artifact came to be, back to the data',
        load: () => import('./commands/trace.ts'),
      },
      query: { summary: 'SQL over the manifest and stored tables', load: () => import('./commands/query.ts') },
      events: { summary: 'the log of acts', load: () => import('./commands/events.ts') },
    },
  },
  {
    title: 'Name',
    commands: {
      branch: { summary: 'list, make or delete branches', load: () => import('./commands/branch.ts') },
      switch: { summary: 'go to another branch', load: () => import('./commands/switch.ts') },
      tag: { summary: 'list, make or delete tags', load: () => import('./commands/tag.ts') },
      reflog: { summary: 'where branches and tags stood before', load: () => import('./commands/reflog.ts') },
    },
  },
  {
    title: 'Replace and withdraw',
    commands: {
      supersede: { summary: 'say that one artifact replaces another', load: () => import('./commands/supersede.ts') },
      tombstone: { summary: 'withdraw an artifact', load: () => import('./commands/tombstone.ts') },
      restore: { summary: 'bring an artifact back', load: () => import('./commands/restore.ts') },
    },
  },
  {
    title: 'Decide',
    commands: {
      candidate: {
        summary: 'claims and their evidence',
        verbs: {
          create: { summary: 'make a claim about a run', load: () => import('./commands/candidate/create.ts') },
          list: { summary: 'claims, newest first', load: () => import('./commands/candidate/list.ts') },
          show: { summary: 'one claim, and what it lacks', load: () => import('./commands/candidate/show.ts') },
        },
      },
      evaluate: {
        summary: 'hold a candidate against the active policy',
        load: () => import('./commands/evaluate.ts'),
      },
      promote: { summary: 'make a candidate `candidate` or `accepted`', load: () => import('./commands/promote.ts') },
      reject: { summary: 'say no to a candidate', load: () => import('./commands/reject.ts') },
      withdraw: { summary: 'take a candidate back to exploratory', load: () => import('./commands/withdraw.ts') },
      policy: {
        summary: 'what each level requires',
        verbs: {
          list: { summary: 'policies, the active one first', load: () => import('./commands/policy/list.ts') },
          show: { summary: 'one policy with its checks', load: () => import('./commands/policy/show.ts') },
          check: { summary: 'what is wrong with a policy file', load: () => import('./commands/policy/check.ts') },
          activate: { summary: 'make it the one that decides', load: () => import('./commands/policy/activate.ts') },
          test: { summary: 'try it, and write nothing', load: () => import('./commands/policy/test.ts') },
        },
      },
    },
  },
  {
    title: 'People and keys',
    commands: {
      approve: { summary: 'sign an eligibility report', load: () => import('./commands/approve.ts') },
      actor: {
        summary: 'people and machines, and what they may do',
        verbs: {
          add: { summary: 'enter somebody', load: () => import('./commands/actor/add.ts') },
          list: { summary: 'everybody, with roles', load: () => import('./commands/actor/list.ts') },
          show: { summary: 'one of them', load: () => import('./commands/actor/show.ts') },
          grant: { summary: 'give roles', load: () => import('./commands/actor/grant.ts') },
          revoke: { summary: 'take roles back', load: () => import('./commands/actor/revoke.ts') },
        },
      },
      key: {
        summary: 'keys that sign',
        verbs: {
          generate: { summary: 'make a key', load: () => import('./commands/key/generate.ts') },
          import: { summary: 'bind a key that exists', load: () => import('./commands/key/import.ts') },
          list: { summary: 'whose keys they are', load: () => import('./commands/key/list.ts') },
          revoke: { summary: 'revoke a key for ever', load: () => import('./commands/key/revoke.ts') },
          export: { summary: 'public keys, for who verifies', load: () => import('./commands/key/export.ts') },
        },
      },
    },
  },
  {
    title: 'Keep in order',
    commands: {
      stats: { summary: 'what is stored, and what that saved', load: () => import('./commands/stats.ts') },
      fsck: { summary: 'check the store, every byte of it if asked', load: () => import('./commands/fsck.ts') },
      audit: { summary: 'check the whole store against its own rules', load: () => import('./commands/audit.ts') },
      gc: { summary: 'remove what nothing needs any more', load: () => import('./commands/gc.ts') },
      retire: { summary: 'let go of old runs', load: () => import('./commands/retire.ts') },
      hold: {
        summary: 'keep something whatever happens',
        verbs: {
          add: { summary: 'keep a run, artifact or object', load: () => import('./commands/hold/add.ts') },
          remove: { summary: 'let go of a hold', load: () => import('./commands/hold/remove.ts') },
          list: { summary: 'what is held, and why', load: () => import('./commands/hold/list.ts') },
        },
      },
      reindex: {
        summary: 'build the manifest again from records and log',
        load: () => import('./commands/reindex.ts'),
      },
      doctor: { summary: 'examine the place: runtime, disk, locks', load: () => import('./commands/doctor.ts') },
    },
  },
  {
    title: 'Settings',
    commands: {
      config: {
        summary: 'settings: get, set, list',
        verbs: {
          get: { summary: 'print one setting', load: () => import('./commands/config/get.ts') },
          set: { summary: 'change one setting', load: () => import('./commands/config/set.ts') },
          list: { summary: 'list every setting', load: () => import('./commands/config/list.ts') },
        },
      },
      ops: { summary: 'answer requests in JSON, for programs', load: () => import('./commands/ops.ts') },
      schema: {
        summary: 'JSON Schema of a record or of a --json document',
        load: () => import('./commands/schema.ts'),
      },
      completion: {
        summary: 'print a completion script for bash, zsh or fish',
        load: () => import('./commands/completion.ts'),
      },
    },
  },
];

/** A command or a group by its name. */
export function findCommand(name: string): CommandEntry | CommandGroup | undefined {
  for (const { commands } of commandTable) if (Object.hasOwn(commands, name)) return commands[name];
  return undefined;
}

export function commandNames(): string[] {
  return commandTable.flatMap(({ commands }) => Object.keys(commands));
}
