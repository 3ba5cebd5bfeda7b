import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { emptyDirectory, newWorkspace, type Workspace } from './cairn.ts';

const grace = 'Grace Hopper <grace@example.org>';
const asGrace = { env: { CAIRN_AUTHOR: grace } };
const agents: ChildProcess[] = [];
const places: string[] = [];
afterAll(() => {
  for (const agent of agents) agent.kill();
  for (const place of places) rmSync(place, { recursive: true, force: true });
});

/** A real agent on a socket of its own (the path of a socket has to be short), holding this key file. */
async function agentWith(file: string): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), 'ca-'));
  places.push(place);
  const socket = join(place, 's');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  agents.push(agent);
  await new Promise((resolve) => agent.stdout?.once('data', resolve));
  const added = spawnSync('ssh-add', [file], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  expect(added.status, added.stderr.toString()).toBe(0);
  return socket;
}

/** A key as ssh-keygen makes it; the path of its private file. */
function sshKey(workspace: Workspace, name: string, passphrase = ''): string {
  const path = workspace.path(name);
  const args = ['-q', '-t', 'ed25519', '-a', '4', '-C', name, '-N', passphrase, '-f', path];
  const made = spawnSync('ssh-keygen', args);
  expect(made.status, made.stderr.toString()).toBe(0);
  return path;
}

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const events = (workspace: Workspace): number => workspace.json('events', ['events']).events.length;

describe('init', () => {
  test('makes the first admin and a key in a file that only its owner can read', () => {
    const workspace = emptyDirectory();
    const { key } = workspace.json('init', ['init']);
    expect(key).toMatchObject({ encrypted: false, path: workspace.path('.cairn/keys/ada@example.org/key') });
    expect([mode(workspace.path('.cairn/keys')), mode(key?.path ?? '')]).toEqual(['700', '600']);
    expect(workspace.json('actor.list', ['actor', 'list']).actors).toMatchObject([
      { name: 'Ada Lovelace', roles: [{ role: 'admin', standing: 'proven' }], keys: [{ standing: 'proven' }] },
    ]);
    expect(workspace.json('init', ['init'])).toMatchObject({ created: false, key: null });
    expect(events(workspace)).toBe(2);
  });

  test('encrypts the key with the passphrase that it is given, and says how to encrypt one that is not', () => {
    const workspace = emptyDirectory();
    const env = { CAIRN_KEY_PASSPHRASE: 'correct horse' };
    const { key } = workspace.json('init', ['init'], { env });
    expect(readFileSync(key?.path ?? '', 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    workspace.says(['actor', 'add', grace, '--role', 'approver'], 0, { env });
    const other = emptyDirectory();
    other.says(['init']);
    const command = /openssl .*$/m.exec(other.cairn(['key', 'generate', '--name', 'two']).stdout)?.[0] ?? '';
    const done = spawnSync('sh', ['-c', command.replace(' -in ', ' -passout pass:new -in ')], { cwd: other.root });
    expect(done.status, done.stderr.toString()).toBe(0);
    const passphrase = { env: { CAIRN_KEY_PASSPHRASE: 'new' } };
    other.says(['actor', 'add', grace, '--role', 'approver', '--key', 'two'], 0, passphrase);
    expect(other.error(['actor', 'grant', grace, 'ci', '--key', 'two'], 6).code).toBe('BAD_PASSPHRASE');
  });

  test('--no-key makes none, and the first key proves the admin later', () => {
    const workspace = emptyDirectory();
    expect(workspace.json('init', ['init', '--no-key']).key).toBeNull();
    expect(workspace.exists('.cairn/keys')).toBe(false);
    const roles = () => workspace.json('actor.show', ['actor', 'show', 'ada@example.org']).roles;
    expect(roles()).toEqual([{ role: 'admin', standing: 'asserted' }]);
    expect(workspace.error(['actor', 'add', grace, '--role', 'approver'], 6)).toMatchObject({
      code: 'NOT_PERMITTED',
      hint: 'Make one: `cairn key generate`.',
    });
    expect(workspace.json('key.generate', ['key', 'generate']).bound).toBe(true);
    expect(roles()).toEqual([{ role: 'admin', standing: 'proven' }]);
  });
});

/** Runs a command on a terminal of its own and answers its questions; what the terminal showed, and the status. */
async function onTerminal(workspace: Workspace, args: string, answers: readonly string[]): Promise<string> {
  const program = join(import.meta.dirname, '../../bin/cairn');
  const env = { PATH: process.env['PATH'] ?? '', CAIRN_AUTHOR: 'Ada Lovelace <ada@example.org>', NO_COLOR: '1' };
  const child = spawn('script', ['-qec', `${process.execPath} ${program} ${args}`, '/dev/null'], {
    ...{ cwd: workspace.root, env },
  });
  let shown = '';
  const left = [...answers];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    const isAsked = /: $/.test(shown) || /: $/.test(text);
    if (isAsked && left.length > 0) child.stdin.write(`${left.shift()}\r`);
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  return `${shown}\nstatus ${status}`;
}

test('on a terminal the passphrase is asked for, and never shown', async (context) => {
  if (spawnSync('sh', ['-c', 'command -v script']).status !== 0) {
    console.log('skipped: needs the program script');
    context.skip('needs the program script');
  }
  const workspace = emptyDirectory();
  const made = await onTerminal(workspace, 'init', ['hunter two', 'hunter two']);
  expect(made).toContain('New passphrase of the key ada@example.org (empty for none): ');
  expect(made).toContain('your key is SHA256:');
  const grant = `actor add '${grace}' --role approver`;
  const wrong = await onTerminal(workspace, grant, ['hunter three']);
  expect(wrong).toMatch(/the passphrase does not open the key[\s\S]*status 6$/);
  const right = await onTerminal(workspace, grant, ['hunter two']);
  expect(right).toMatch(/roles: approver[\s\S]*status 0$/);
  expect(`${made}${wrong}${right}`).not.toContain('hunter');
  const differ = await onTerminal(workspace, 'key generate --name two', ['hunter two', 'one', 'other']);
  expect(differ).toMatch(/the two passphrases differ[\s\S]*status 6$/);
  expect(workspace.exists('.cairn/keys/two')).toBe(false);
});

describe('actors', () => {
  test('are added, granted and revoked by an admin, and by nobody else', () => {
    const workspace = newWorkspace();
    expect(workspace.says(['actor', 'add', grace, '--role', 'approver'])).toMatchInlineSnapshot(`
      "actor <1>
        Grace Hopper <grace@example.org>
        roles: approver
        no key
      "
    `);
    expect(workspace.says(['actor', 'grant', 'grace@example.org', 'auditor', 'approver'])).toMatchInlineSnapshot(`
      "actor <1>
        Grace Hopper <grace@example.org>
        roles: approver, auditor
        no key
      "
    `);
    workspace.says(['key', 'generate', '--actor', 'Grace Hopper', '--name', 'grace']);
    const size = events(workspace);
    expect(workspace.error(['actor', 'grant', 'grace@example.org', 'admin'], 6, asGrace)).toMatchObject({
      code: 'NOT_PERMITTED',
      hint: 'Ask an admin: Ada Lovelace <ada@example.org>.',
    });
    // Another name in the configuration makes nobody an admin: the key decides.
    const stolen = ['actor', 'grant', 'grace@example.org', 'admin', '--key', 'grace'];
    expect(workspace.error(stolen, 6)).toMatchObject({
      code: 'NOT_PERMITTED',
      message: expect.stringMatching(/belongs to Grace Hopper/),
    });
    expect(workspace.error(['actor', 'revoke', 'ada@example.org', 'admin'], 4).code).toBe('STATUS_CONFLICT');
    expect(events(workspace)).toBe(size);
    workspace.says(['actor', 'grant', 'grace@example.org', 'admin']);
    workspace.says(['actor', 'revoke', 'ada@example.org', 'admin'], 0, asGrace);
    expect(workspace.error(['actor', 'add', 'Eve <eve@example.org>', '--role', 'admin'], 6).code).toBe('NOT_PERMITTED');
  });

  test('are found by any unambiguous name, and a role is one of five', () => {
    const workspace = newWorkspace();
    workspace.says(['actor', 'add', 'Grace Hopper <grace@other.org>']);
    workspace.says(['actor', 'add', grace]);
    expect(workspace.error(['actor', 'show', 'Grace Hopper'], 3).code).toBe('REV_AMBIGUOUS');
    expect(workspace.error(['actor', 'show', 'Nobody'], 3).code).toBe('REV_NOT_FOUND');
    expect(workspace.error(['actor', 'grant', grace, 'king'], 2).code).toBe('BAD_ARGUMENT');
    expect(workspace.json('actor.show', ['actor', 'show', grace]).roles).toEqual([
      { role: 'researcher', standing: 'asserted' },
    ]);
    expect(workspace.json('actor.add', ['actor', 'add', grace])).toMatchObject({ created: false, changed: [] });
  });

  test('stay what they are when the manifest is built again', () => {
    const workspace = newWorkspace();
    workspace.says(['actor', 'add', grace, '--role', 'approver']);
    workspace.says(['key', 'generate', '--actor', grace]);
    const before = [workspace.json('actor.list', ['actor', 'list']), workspace.json('key.list', ['key', 'list'])];
    workspace.says(['reindex']);
    expect([workspace.json('actor.list', ['actor', 'list']), workspace.json('key.list', ['key', 'list'])]).toEqual(
      before,
    );
  });
});

describe('keys', () => {
  test('of OpenSSH are bound and sign from where they lie', () => {
    const workspace = emptyDirectory();
    workspace.says(['init', '--no-key']);
    const path = sshKey(workspace, 'id_ada', 'secret');
    const env = { CAIRN_KEY_PASSPHRASE: 'secret' };
    expect(workspace.error(['key', 'import', 'id_ada'], 6).code).toBe('BAD_PASSPHRASE');
    expect(workspace.error(['key', 'import', 'id_ada'], 6, { env: { CAIRN_KEY_PASSPHRASE: 'no' } }).code).toBe(
      'BAD_PASSPHRASE',
    );
    expect(events(workspace)).toBe(1);
    expect(workspace.json('key.import', ['key', 'import', 'id_ada'], { env }).remembered).toBe(path);
    expect(workspace.json('config.get', ['config', 'get', 'actor.key']).value).toBe(path);
    expect(workspace.exists('.cairn/keys')).toBe(false);
    workspace.says(['actor', 'add', grace, '--role', 'approver'], 0, { env });
    writeFileSync(workspace.path('passphrase'), 'secret\n');
    workspace.says(['actor', 'grant', grace, 'ci', '--key-passphrase-file', 'passphrase']);
    expect(workspace.json('key.import', ['key', 'import', 'id_ada.pub'], { env }).changed).toBe(false);
    workspace.remove('id_ada');
    expect(workspace.error(['actor', 'grant', grace, 'admin'], 3).code).toBe('KEY_NOT_FOUND');
  });

  test('of the agent are bound by fingerprint and sign there', async () => {
    const workspace = emptyDirectory();
    workspace.says(['init', '--no-key']);
    const path = sshKey(workspace, 'id_ada');
    const env = { SSH_AUTH_SOCK: await agentWith(path) };
    const fingerprint = spawnSync('ssh-keygen', ['-lf', path]).stdout.toString().split(' ')[1] ?? '';
    workspace.remove('id_ada');
    expect(workspace.error(['key', 'import', fingerprint], 3)).toMatchObject({
      code: 'KEY_NOT_FOUND',
      message: expect.stringMatching(/SSH_AUTH_SOCK is not set/),
    });
    expect(workspace.json('key.import', ['key', 'import', fingerprint], { env })).toMatchObject({ fingerprint });
    workspace.says(['actor', 'add', grace, '--role', 'approver'], 0, { env });
    expect(workspace.error(['actor', 'grant', grace, 'ci'], 3)).toMatchObject({
      code: 'KEY_NOT_FOUND',
      message: expect.stringMatching(
        /no --key; no setting actor.key; no key of theirs among the keys of the store; SSH agent/,
      ),
    });
  });

  test('that somebody makes for themselves count once an admin has bound them', () => {
    const workspace = newWorkspace();
    const made = workspace.json('key.generate', ['key', 'generate'], asGrace);
    expect(made).toMatchObject({ bound: false, actor: { name: 'Grace Hopper' } });
    expect(workspace.error(['key', 'import', made.name], 6, asGrace).code).toBe('NOT_PERMITTED');
    workspace.says(['key', 'import', made.name, '--actor', grace]);
    expect(workspace.json('actor.show', ['actor', 'show', grace]).keys).toEqual([
      { fingerprint: made.fingerprint, standing: 'proven', revoked: false },
    ]);
    expect(workspace.error(['key', 'import', made.name], 4).code).toBe('STATUS_CONFLICT');
  });

  test('are revoked for ever, but not the last of the last admin', () => {
    const workspace = newWorkspace();
    const [first] = workspace.json('key.list', ['key', 'list']).keys;
    expect(workspace.error(['key', 'revoke', first?.fingerprint ?? ''], 4).code).toBe('STATUS_CONFLICT');
    workspace.says(['key', 'generate', '--name', 'second', '--key', 'ada@example.org']);
    const revoke = ['key', 'revoke', first?.fingerprint ?? '', '-m', 'laptop lost', '--key', 'second'];
    expect(workspace.json('key.revoke', revoke)).toMatchObject({ reason: 'laptop lost', from: null });
    expect(workspace.error(revoke, 4).code).toBe('STATUS_CONFLICT');
    expect(workspace.error(['actor', 'add', grace, '--role', 'ci', '--key', 'ada@example.org'], 6).code).toBe(
      'NOT_PERMITTED',
    );
    workspace.says(['actor', 'add', grace, '--role', 'ci', '--key', 'second']);
    expect(workspace.json('key.export', ['key', 'export', '--allowed-signers']).signers).toHaveLength(1);
  });

  test('are exported with what their owners may sign; a name that is a pattern is not a principal', () => {
    const workspace = newWorkspace();
    workspace.says(['actor', 'add', grace, '--role', 'approver']);
    workspace.says(['actor', 'add', 'Mallory <*>', '--role', 'ci']);
    for (const owner of [grace, 'Mallory'])
      workspace.says(['key', 'generate', '--actor', owner, '--key', 'ada@example.org']);
    expect(workspace.says(['key', 'export', '--allowed-signers', '-o', 'signers'])).toBe(
      'wrote 3 keys to <root>/signers\n',
    );
    const lines = workspace
      .read('signers')
      .replaceAll(/AAAA\S+/g, 'AAAA')
      .split('\n')
      .slice(1, -1);
    expect(lines).toEqual([
      'ada@example.org namespaces="cairn-admin,cairn-bundle,cairn-promotion,cairn-report,cairn-tombstone",valid-after="20260131093000Z" ssh-ed25519 AAAA Ada Lovelace <ada@example.org>',
      'grace@example.org namespaces="cairn-approval",valid-after="20260131093000Z" ssh-ed25519 AAAA Grace Hopper <grace@example.org>',
      expect.stringMatching(/^[0-9a-f]{64} namespaces="cairn-bundle,cairn-report"/),
    ]);
  });
});

describe('a wrong passphrase or a kill', () => {
  test('leaves neither key nor event', () => {
    const workspace = emptyDirectory();
    workspace.says(['init'], 0, { env: { CAIRN_KEY_PASSPHRASE: 'right' } });
    const env = { CAIRN_KEY_PASSPHRASE: 'wrong' };
    expect(workspace.error(['key', 'generate', '--name', 'two'], 6, { env }).code).toBe('BAD_PASSPHRASE');
    expect(workspace.error(['actor', 'add', grace, '--role', 'ci'], 6, { env }).code).toBe('BAD_PASSPHRASE');
    expect(workspace.error(['actor', 'add', grace, '--role', 'ci'], 6)).toMatchObject({ code: 'BAD_PASSPHRASE' });
    expect(workspace.exists('.cairn/keys/two')).toBe(false);
    expect(events(workspace)).toBe(2);
  });

  test('at any moment of key generate leaves a store that works, and never half a key', async () => {
    const workspace = newWorkspace();
    const program = join(import.meta.dirname, '../../bin/cairn');
    for (let delay = 40, turn = 0; turn < 12; delay += 15, turn++) {
      const env = { PATH: process.env['PATH'] ?? '', CAIRN_AUTHOR: 'Ada Lovelace <ada@example.org>' };
      const args = [program, 'key', 'generate', '--name', `key${turn}`, '--key', 'ada@example.org'];
      const child = spawn(process.execPath, args, { cwd: workspace.root, env, stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('close', resolve));
      setTimeout(() => child.kill('SIGKILL'), delay);
      await ended;
    }
    const { keys } = workspace.json('key.list', ['key', 'list']);
    for (const { stored, actor } of keys) {
      if (stored === null) throw new Error('a bound key without its file');
      expect(mode(workspace.path('.cairn/keys', stored.name, 'key'))).toBe('600');
      if (actor === null) workspace.says(['key', 'import', stored.name, '--key', 'ada@example.org']);
    }
    expect(workspace.json('key.list', ['key', 'list']).keys.every(({ standing }) => standing === 'proven')).toBe(true);
  });
});

test('a key file that others may not read stays so, and one that cannot be read says so', () => {
  const workspace = newWorkspace();
  const path = workspace.path('.cairn/keys/ada@example.org/key');
  writeFileSync(path, 'nothing\n');
  chmodSync(path, 0o600);
  expect(workspace.error(['actor', 'add', grace, '--role', 'ci'], 2).code).toBe('BAD_KEY');
});

test('approve says how many approvals are there and still needed, and the last one what comes next', () => {
  const workspace = newWorkspace();
  workspace.write(
    'two.yaml',
    'name: two\nversion: "1"\nlevels:\n  candidate:\n    approvals:\n      - { role: approver, count: 2 }\n',
  );
  for (const name of ['ben', 'cleo']) {
    workspace.says(['actor', 'add', `${name} <${name}@example.org>`, '--role', 'approver']);
    workspace.says(['key', 'generate', '--actor', `${name}@example.org`, '--name', name, '--key', 'ada@example.org']);
  }
  const as = (name: string) => ({ env: { CAIRN_AUTHOR: `${name} <${name}@example.org>` } });
  workspace.commit('prices', { 'prices.csv': 'day,price\n1,10\n' });
  workspace.commit('signals', { 'signals.csv': 'day,signal\n1,1\n' }, [
    ...['--engine-version', '1', '--config-version', '1', '--input', 'HEAD:prices.csv'],
  ]);
  workspace.says(['policy', 'activate', 'two.yaml']);
  const created = ['candidate', 'create', '--run', 'HEAD', '--signal', 'momentum', '--horizon', '5'];
  const { candidateId } = workspace.json('candidate.create', created);
  const evaluate = ['evaluate', candidateId, '--level', 'candidate'];
  const { eligibilityReportId: report } = workspace.json('evaluate', evaluate);
  expect(workspace.says(['approve', report.slice(0, 8), '-m', 'looked at it'], 0, as('ben'))).toMatchInlineSnapshot(`
    "report <1> is approved with the key <key>
    approvals by approver: 1 of 2, 1 more needed
    "
  `);
  expect(workspace.says(['approve', report, '--key', 'ben'], 0, as('ben'))).toMatchInlineSnapshot(`
    "report <1> was approved by you already
    approvals by approver: 1 of 2, 1 more needed
    "
  `);
  expect(workspace.json('approve', ['approve', report], as('cleo'))).toMatchObject({
    ...{ changed: true, counts: true, doubt: null, candidateId },
    required: [{ role: 'approver', count: 2, have: 2, needed: 0 }],
    approvals: [{ counts: true }, { counts: true }],
  });
  expect(workspace.error(['approve', report], 6).message).toContain('is not independent');
  expect(workspace.error(['approve', candidateId], 2, as('ben')).code).toBe('BAD_ARGUMENT');
  expect(workspace.says(['events', '--action', 'approve'])).toMatchInlineSnapshot(`
    "15  2026-01-31 09:30:00 UTC  approve  report <1>  cleo <cleo@example.org>
    14  2026-01-31 09:30:00 UTC  approve  report <1>  ben <ben@example.org>    looked at it
    "
  `);
  workspace.says(['reindex']);
  workspace.says(['promote', candidateId, '--to', 'candidate']);
  expect(workspace.json('audit', ['audit']).ok).toBe(true);
});
