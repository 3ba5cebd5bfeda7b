/** The frame, with a process made of values: no store is opened here. */
import { describe, expect, test } from 'vitest';
import type { CommandEntry } from '../../../src/cli/command.ts';
import { commandTable } from '../../../src/cli/command-table.ts';
import { documents } from '../../../src/cli/documents.ts';
import { type Io, ReaderGone, type Sink } from '../../../src/cli/io.ts';
import { buildCommander } from '../../../src/cli/parse-arguments.ts';
import { run } from '../../../src/cli/run.ts';

interface Captured {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function sink(lines: string[], fails = false): Sink {
  return {
    isTerminal: false,
    columns: undefined,
    write(data) {
      if (fails) throw new ReaderGone();
      lines.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
    },
  };
}

async function cairn(argv: readonly string[], env: Io['env'] = {}, readerGone = false): Promise<Captured> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  async function* input(): AsyncGenerator<Uint8Array> {}
  const io: Io = { cwd: '/', env, stdout: sink(stdout, readerGone), stderr: sink(stderr), input, canAsk: false };
  const status = await run(argv, io);
  return { status, stdout: stdout.join(''), stderr: stderr.join('') };
}

const commands: [string, CommandEntry][] = commandTable.flatMap((section) =>
  Object.entries(section.commands).flatMap(([name, entry]): [string, CommandEntry][] =>
    'load' in entry ? [[name, entry]] : Object.entries(entry.verbs).map(([verb, one]) => [`${name} ${verb}`, one]),
  ),
);

describe('the command line', () => {
  test('lists every command in its help', async () => {
    const { status, stdout } = await cairn(['--help']);
    expect(status).toBe(0);
    for (const [name] of commands) expect(stdout).toContain(`  ${name.split(' ')[0]} `);
  });

  test('answers -h, --help and `help <command>` alike', async () => {
    const [short, long, word, before] = await Promise.all([
      cairn(['log', '-h']),
      cairn(['log', '--help']),
      cairn(['help', 'log']),
      cairn(['-h', 'log']),
    ]);
    expect(short.status).toBe(0);
    expect([long.stdout, word.stdout, before.stdout]).toEqual([short.stdout, short.stdout, short.stdout]);
    expect(short.stdout).toContain('Usage: cairn log');
  });

  test.each([
    [['stauts'], 'cairn: there is no command "stauts"\nhint: Did you mean `cairn status`?\n'],
    [['config', 'gte'], 'cairn: there is no command "config gte"\nhint: Did you mean `cairn config get`?\n'],
    [['log', '--graf'], "cairn: log: unknown option '--graf'\nhint: Did you mean --graph?\n"],
    [['--jsno', 'log'], 'cairn: unknown option "--jsno" before the command\nhint: Did you mean --json?\n'],
    [[], 'cairn: no command was given\nhint: `cairn --help` lists the commands.\n'],
    [['config'], 'cairn: `cairn config` needs one of: get, set, list\n'],
    [['cat'], "cairn: cat: missing required argument 'rev'\nhint: `cairn cat --help` shows what it takes.\n"],
    [
      ['cat', 'a', 'b'],
      'cairn: cat: too many arguments. Expected 1 argument but got 2: a, b.\nhint: `cairn cat --help` shows what it takes.\n',
    ],
    [['log', '--limit', '-1'], 'cairn: --limit: not a whole number from 0: "-1"\n'],
    [['ls', '--status', 'gone'], 'cairn: --status: "gone" is none of active, superseded, tombstoned, withdrawn\n'],
  ])('refuses %j with status 2 and the next step', async (argv, text) => {
    expect(await cairn(argv)).toEqual({ status: 2, stdout: '', stderr: text });
  });

  test('gives failures as one document with --json', async () => {
    const { status, stdout } = await cairn(['ls', '--since', 'yesterday', '--json']);
    expect(status).toBe(2);
    expect(documents.error.parse(JSON.parse(stdout)).error).toMatchObject({
      code: 'BAD_TIME',
      message: '--since: not a time: "yesterday" (not RFC 3339 with a zone)',
      data: { argument: '--since' },
    });
  });

  test('ends quietly when the reader has gone', async () => {
    expect(await cairn(['--help'], {}, true)).toEqual({ status: 141, stdout: '', stderr: '' });
  });

  test('takes options before and behind the command', async () => {
    const [before, behind] = await Promise.all([
      cairn(['--json', 'schema', 'run']),
      cairn(['schema', 'run', '--json']),
    ]);
    expect(before).toEqual(behind);
    expect(JSON.parse(before.stdout)).toMatchObject({ schema: 'cairn.cli.schema/1', name: 'cairn.run/1' });
  });

  test('refuses a directory that is not there', async () => {
    expect(await cairn(['-C', '/no/such/place', 'schema'])).toEqual({
      status: 3,
      stdout: '',
      stderr: 'cairn: -C: /no/such/place is no directory\n',
    });
  });
});

describe.each(commands)('%s', (name, entry) => {
  test('explains itself with examples and exit statuses', async () => {
    const { command } = await entry.load();
    const { status, stdout } = await cairn([...name.split(' '), '--help']);
    expect(status).toBe(0);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const [line] of command.examples) expect(stdout).toContain(`$ ${line}`);
    expect(stdout).toMatch(/\nExit status:\n {2}0 +done\n/);
    expect(stdout).toContain('Common options:');
  });

  test('describes every argument and option', async () => {
    const commander = buildCommander(name, (await entry.load()).command);
    for (const option of commander.options) expect(option.description, option.flags).not.toBe('');
    for (const argument of commander.registeredArguments) expect(argument.description, argument.name()).not.toBe('');
  });

  test('has a schema of its --json document', () => {
    const withoutDocument = ['cat', 'ops'];
    if (!withoutDocument.includes(name)) expect(Object.keys(documents)).toContain(name.replaceAll(' ', '.'));
  });
});
