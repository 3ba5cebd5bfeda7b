/**
 * The whole store against a model of maps: random days of work through the public library, on real files and a real
 * manifest, with the store closed and opened again and garbage collected in between.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initStore } from '../../../src/app/init-store.ts';
import { type Cairn, openCairn } from '../../../src/app/library.ts';

const silent = { begin: () => undefined, advance: () => undefined, end: () => undefined, note: () => undefined };
const author = 'Ada Lovelace <ada@example.org>';

/** Content and executable bit, by path. */
type Files = Map<string, string>;

interface Model {
  /** The workspace as it is on disk. */
  disk: Files;
  /** What the next commit would change. */
  staged: Map<string, string | undefined>;
  branch: string;
  branches: Map<string, Files>;
  /** Every run ever made, with the files it stood for. */
  runs: { id: string; files: Files }[];
}

interface Real {
  root: string;
  store: Cairn;
}

const paths = ['a', 'b', 'dir/c', 'dir/d', 'dir/deep/e', 'f g'];
const contents = ['', 'one', 'two', 'x'.repeat(3000), `large ${'y'.repeat(1_100_000)}`];

function write(root: string, path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function onDisk(root: string, below = ''): Files {
  const files: Files = new Map();
  for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.name === '.cairn' || entry.name === '.cairnignore') continue;
    if (entry.isDirectory()) for (const [name, content] of onDisk(root, path)) files.set(name, content);
    else files.set(path, readFileSync(join(root, path), 'utf8'));
  }
  return files;
}

/** Makes files old enough for the stat cache to trust them sometimes, and sometimes not. */
async function age(): Promise<void> {
  if (Math.random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 25));
}

const tipOf = (model: Model): Files => model.branches.get(model.branch) ?? new Map();

/** Whether two sets of files are equal, compared by their sorted entries. */
function sorted(files: Iterable<readonly [string, string]>): (readonly [string, string])[] {
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1));
}

abstract class Step implements fc.AsyncCommand<Model, Real> {
  check(_model: Readonly<Model>): boolean {
    return true;
  }
  abstract run(model: Model, real: Real): Promise<void>;
  abstract toString(): string;
}

class WriteFile extends Step {
  readonly path: string;
  readonly content: string;
  constructor(path: string, content: string) {
    super();
    this.path = path;
    this.content = content;
  }
  async run(model: Model, real: Real): Promise<void> {
    write(real.root, this.path, this.content);
    model.disk.set(this.path, this.content);
    await age();
  }
  toString = (): string => `write(${this.path}, ${this.content.slice(0, 8)})`;
}

class RemoveFile extends Step {
  readonly path: string;
  constructor(path: string) {
    super();
    this.path = path;
  }
  override check = (model: Readonly<Model>): boolean => model.disk.has(this.path);
  async run(model: Model, real: Real): Promise<void> {
    rmSync(join(real.root, this.path));
    model.disk.delete(this.path);
  }
  toString = (): string => `remove(${this.path})`;
}

class AddAll extends Step {
  async run(model: Model, real: Real): Promise<void> {
    await real.store.add(['']);
    const tip = tipOf(model);
    for (const [path, content] of model.disk) {
      if (tip.get(path) === content) model.staged.delete(path);
      else model.staged.set(path, content);
    }
    for (const path of tip.keys()) if (!model.disk.has(path)) model.staged.set(path, undefined);
  }
  toString = (): string => 'add';
}

class Commit extends Step {
  async run(model: Model, real: Real): Promise<void> {
    // A path that was staged and is gone since stays staged, as in git.
    const run = await real.store.commit({ message: 'a step', allowEmpty: true });
    const files = new Map(tipOf(model));
    for (const [path, content] of model.staged) {
      if (content === undefined) files.delete(path);
      else files.set(path, content);
    }
    model.staged.clear();
    model.branches.set(model.branch, files);
    model.runs.push({ id: run.runInstanceId, files });
  }
  toString = (): string => 'commit';
}

class Switch extends Step {
  readonly branch: string;
  constructor(branch: string) {
    super();
    this.branch = branch;
  }
  // Only from a clean workspace: what a dirty one does is another test's claim.
  override check = (model: Readonly<Model>): boolean =>
    model.branch !== this.branch &&
    model.staged.size === 0 &&
    model.branches.has(model.branch) &&
    JSON.stringify(sorted(model.disk)) === JSON.stringify(sorted(tipOf(model)));
  async run(model: Model, real: Real): Promise<void> {
    const known = model.branches.has(this.branch);
    await real.store.switch(this.branch, { create: !known });
    if (!known) model.branches.set(this.branch, new Map(tipOf(model)));
    model.branch = this.branch;
    model.disk = new Map(tipOf(model));
    expect(sorted(onDisk(real.root))).toEqual(sorted(model.disk));
  }
  toString = (): string => `switch(${this.branch})`;
}

class CheckStatus extends Step {
  async run(model: Model, real: Real): Promise<void> {
    const status = await real.store.status();
    const tip = tipOf(model);
    const expectedOf = (path: string): string | undefined =>
      model.staged.has(path) ? model.staged.get(path) : tip.get(path);
    const known = new Set([...tip.keys(), ...model.staged.keys()]);
    const modified = [...known].filter((path) => model.disk.has(path) && model.disk.get(path) !== expectedOf(path));
    const missing = [...known].filter((path) => !model.disk.has(path) && expectedOf(path) !== undefined);
    expect([...status.modified].sort()).toEqual(modified.sort());
    expect([...status.missing].sort()).toEqual(missing.sort());
    expect(status.untracked.filter((path) => path !== '.cairnignore')).toEqual(
      [...model.disk.keys()].filter((path) => !known.has(path)).sort(),
    );
  }
  toString = (): string => 'status';
}

class Reopen extends Step {
  async run(_model: Model, real: Real): Promise<void> {
    await real.store.close();
    real.store = await openCairn({ directory: real.root, author, progress: silent });
  }
  toString = (): string => 'reopen';
}

class Collect extends Step {
  async run(_model: Model, real: Real): Promise<void> {
    await real.store.gc({ grace: '0s' });
  }
  toString = (): string => 'gc';
}

class CheckRun extends Step {
  readonly pick: number;
  constructor(pick: number) {
    super();
    this.pick = pick;
  }
  override check = (model: Readonly<Model>): boolean => model.runs.length > 0;
  async run(model: Model, real: Real): Promise<void> {
    const chosen = model.runs[this.pick % model.runs.length] as Model['runs'][number];
    const out = mkdtempSync(join(tmpdir(), 'cairn-model-out-'));
    await real.store.checkout(chosen.id, { to: out });
    expect(sorted(onDisk(out))).toEqual(sorted(chosen.files));
    rmSync(out, { recursive: true });
  }
  toString = (): string => `checkout run ${this.pick}`;
}

const path = fc.constantFrom(...paths);
const steps = [
  fc.tuple(path, fc.constantFrom(...contents)).map(([at, content]) => new WriteFile(at, content)),
  path.map((at) => new RemoveFile(at)),
  fc.constant(new AddAll()),
  fc.constant(new AddAll()),
  fc.constant(new Commit()),
  fc.constantFrom('main', 'side').map((branch) => new Switch(branch)),
  fc.constant(new CheckStatus()),
  fc.constant(new Reopen()),
  fc.constant(new Collect()),
  fc.nat(20).map((pick) => new CheckRun(pick)),
];

test('random days of work leave the store as a model of maps says', { timeout: 600_000 }, async () => {
  const runs = Number(process.env['CAIRN_PROPERTY_RUNS'] ?? 25);
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 30, size: '+1' }), async (commands) => {
      const root = mkdtempSync(join(tmpdir(), 'cairn-model-'));
      await initStore({ cwd: root, env: {}, actor: author, progress: silent });
      const real: Real = { root, store: await openCairn({ directory: root, author, progress: silent }) };
      // The default ignore file would be untracked for ever; it is no part of the model.
      rmSync(join(root, '.cairnignore'));
      const model: Model = { disk: new Map(), staged: new Map(), branch: 'main', branches: new Map(), runs: [] };
      try {
        await fc.asyncModelRun(() => ({ model, real }), commands);
        const { ok } = await real.store.fsck('all');
        expect(ok).toBe(true);
        for (let pick = 0; pick < model.runs.length; pick++) await new CheckRun(pick).run(model, real);
      } finally {
        await real.store.close();
        rmSync(root, { recursive: true, force: true });
      }
    }),
    { numRuns: runs, endOnFailure: false },
  );
});

test('a file that becomes executable is another entry of the tree, with the same artifact', async () => {
  const root = mkdtempSync(join(tmpdir(), 'cairn-model-'));
  await initStore({ cwd: root, env: {}, actor: author, progress: silent });
  const store = await openCairn({ directory: root, author, progress: silent });
  write(root, 'tool', 'echo');
  await store.add(['']);
  const first = await store.commit({ message: 'plain' });
  chmodSync(join(root, 'tool'), 0o755);
  expect((await store.status()).modified).toEqual(['tool']);
  await store.add(['']);
  const second = await store.commit({ message: 'executable' });
  expect(second.tree).not.toBe(first.tree);
  expect(second.artifacts[0]?.artifactId).toBe(
    first.artifacts.find((artifact) => artifact.path === 'tool')?.artifactId,
  );
  const out = mkdtempSync(join(tmpdir(), 'cairn-model-out-'));
  await store.checkout('HEAD', { to: out });
  expect(existsSync(join(out, 'tool')) && statSync(join(out, 'tool')).mode & 0o111).toBeTruthy();
  await store.close();
});
