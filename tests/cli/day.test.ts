/** A day's work: what each step prints. */
import { describe, expect, test } from 'vitest';
import { emptyDirectory, newWorkspace, type Workspace, withoutIds } from './cairn.ts';

/** Two runs: prices, and signals made from them. */
function study(): Workspace {
  const workspace = newWorkspace();
  workspace.commit('Daily prices', { 'prices.csv': 'day,price\n1,10\n2,11\n' });
  workspace.write('signals.csv', 'day,signal\n1,0.5\n2,0.25\n');
  workspace.says(['add', 'signals.csv', '--type', 'table', '--tag', 'quality=draft']);
  workspace.says([
    ...['commit', '-m', 'Momentum signal\n\nOver twelve months.', '--input', 'prices.csv'],
    ...['--param', 'window=12', '--metric', 'mean_ic=0.031', '--engine-version', '1.2.0'],
  ]);
  return workspace;
}

describe('init', () => {
  test('makes a workspace, and does nothing the second time', () => {
    const workspace = emptyDirectory();
    expect(workspace.says(['init'])).toMatchInlineSnapshot(`
      "made a cairn workspace in <root>/.cairn
      you are Ada Lovelace <ada@example.org>
      your key is <key>
      the key is not encrypted; this encrypts it: openssl pkcs8 -topk8 -in <root>/.cairn/keys/ada@example.org/key -out <root>/.cairn/keys/ada@example.org/key.new && mv <root>/.cairn/keys/ada@example.org/key.new <root>/.cairn/keys/ada@example.org/key
      "
    `);
    expect(workspace.says(['init'])).toMatchInlineSnapshot(`
      "there is a cairn workspace already in <root>/.cairn
      you are Ada Lovelace <ada@example.org>
      "
    `);
    expect(workspace.json('init', ['init'])).toMatchObject({
      created: false,
      actor: { name: 'Ada Lovelace', mail: 'ada@example.org' },
    });
    expect(workspace.read('.cairn/.gitignore')).toBe('*\n');
  });

  test('names the first actor and makes the directory', () => {
    const workspace = emptyDirectory();
    const made = workspace.json('init', ['init', 'study', '--actor', 'Grace Hopper <grace@example.org>'], {
      env: { CAIRN_AUTHOR: '' },
    });
    expect(made).toMatchObject({
      created: true,
      directory: workspace.path('study', '.cairn'),
      actor: { name: 'Grace Hopper' },
    });
  });
});

describe('from files to a run', () => {
  test('status, add, commit say what they do', () => {
    const workspace = newWorkspace();
    workspace.write('data/a.csv', 'x\n1\n');
    workspace.write('data/b.csv', 'x\n2\n');
    expect(workspace.says(['status'])).toMatchInlineSnapshot(`
      "on branch main, no run yet

      untracked (\`cairn add\` stages it):
        .cairnignore
        data/a.csv
        data/b.csv

      0 files known by stat, 0 read
      "
    `);
    expect(workspace.says(['add', 'data'])).toMatchInlineSnapshot(`
      "staged 2 paths of 2 files, 8 B
      stored 2 new objects, 49 B; 0 known already, 0 not read again
      "
    `);
    expect(workspace.says(['status'])).toMatchInlineSnapshot(`
      "on branch main, no run yet

      staged (\`cairn commit\` records it):
        file      data/a.csv
        file      data/b.csv

      untracked (\`cairn add\` stages it):
        .cairnignore

      2 files known by stat, 0 read
      "
    `);
    expect(workspace.says(['commit', '-m', 'First'])).toMatchInlineSnapshot(`
      "run <1> on main: 2 artifacts
        <2> data/a.csv 4 B
        <3> data/b.csv 4 B
      "
    `);
    workspace.write('data/a.csv', 'x\n3\n');
    workspace.remove('data/b.csv');
    expect(workspace.says(['status'])).toMatchInlineSnapshot(`
      "on branch main at <1>

      modified (\`cairn add\` stages it):
        data/a.csv

      missing (\`cairn add\` stages the removal, \`cairn checkout HEAD <path>\` brings it back):
        data/b.csv

      untracked (\`cairn add\` stages it):
        .cairnignore

      0 files known by stat, 1 read
      "
    `);
    expect(workspace.says(['diff'])).toMatchInlineSnapshot(`
      "changed data/a.csv
      --- a/data/a.csv
      +++ b/data/a.csv
      @@ -1,2 +1,2 @@
       x
      -1
      +3
      removed data/b.csv
      --- a/data/b.csv
      +++ /dev/null
      @@ -1,2 +0,0 @@
      -x
      -2
      "
    `);
    expect(workspace.json('status', ['status'])).toMatchObject({
      clean: false,
      modified: ['data/a.csv'],
      missing: ['data/b.csv'],
    });
  });

  test('their documents hold what scripts rely on', () => {
    const workspace = newWorkspace();
    workspace.write('a.csv', 'x\n1\n');
    expect(workspace.json('add', ['add', 'a.csv'])).toMatchObject({
      files: 1,
      bytes: 4,
      objects: { new: 1, existing: 0 },
      cached: 0,
    });
    const committed = workspace.json('commit', ['commit', '-m', 'First']);
    expect(committed.artifacts).toMatchObject([{ path: 'a.csv', size: 4, type: 'file', logicalKey: 'a.csv' }]);
    expect(committed.ref).toBe('heads/main');
    workspace.write('a.csv', 'x\n2\n');
    workspace.says(['add', '.']);
    expect(workspace.json('commit', ['commit', '-m', 'Second', '--quiet'])).not.toHaveProperty('artifacts');
  });

  test('an empty commit is refused with status 1', () => {
    const workspace = newWorkspace();
    expect(workspace.error(['commit', '-m', 'Nothing'], 1)).toMatchObject({ code: 'NOTHING_TO_COMMIT' });
    expect(workspace.json('commit', ['commit', '-m', 'Nothing', '--allow-empty']).artifacts).toEqual([]);
  });

  test('rm --staged takes a path out again', () => {
    const workspace = newWorkspace();
    workspace.write('a', '1');
    workspace.write('b', '2');
    workspace.says(['add', '.']);
    expect(workspace.json('rm', ['rm', '--staged', 'a'])).toMatchObject({ unstaged: ['a'] });
    expect(workspace.json('status', ['status']).untracked).toContain('a');
    expect(workspace.exists('a')).toBe(true);
  });

  test('commit -- <path> leaves what is staged otherwise', () => {
    const workspace = newWorkspace();
    workspace.write('a', '1');
    workspace.write('b', '2');
    workspace.says(['add', 'a']);
    expect(workspace.json('commit', ['commit', '-m', 'b alone', '--', 'b']).artifacts).toMatchObject([{ path: 'b' }]);
    expect(workspace.json('status', ['status']).staged).toEqual(['a']);
  });

  test('paths are relative to the current directory', () => {
    const workspace = newWorkspace();
    workspace.write('data/a.csv', '1');
    workspace.json('add', ['add', 'a.csv'], { cwd: workspace.path('data') });
    expect(workspace.json('status', ['status'], { cwd: workspace.path('data') }).staged).toEqual(['data/a.csv']);
    expect(workspace.json('status', ['-C', 'data', 'status']).staged).toEqual(['data/a.csv']);
  });

  test('a configuration file gives parameters, and says what it drops', () => {
    const workspace = newWorkspace();
    workspace.write('config.json', '{"window": 12, "out_dir": "/tmp/x", "model": {"depth": 3}}');
    workspace.write('a', '1');
    workspace.says(['add', 'a']);
    const ran = workspace.cairn([
      'commit',
      '-m',
      'Configured',
      '--config-file',
      'config.json',
      '--param',
      'window=6',
      '--param',
      'grid:=[1,2]',
    ]);
    expect(ran.stderr).toBe('not taken as parameters, since they are times or places: $.out_dir\n');
    expect(workspace.json('log', ['log']).runs[0]?.params).toEqual({ window: 6, model: { depth: 3 }, grid: [1, 2] });
  });
});

describe('looking back', () => {
  test('log', () => {
    const workspace = study();
    expect(workspace.says(['log'])).toMatchInlineSnapshot(`
      "run <1> (HEAD -> main)
      Author:  Ada Lovelace <ada@example.org>
      Date:    2026-01-31 09:30:00 UTC
      Outputs: 1
      Params:  window=12
      Metrics: mean_ic=0.031

          Momentum signal

          Over twelve months.

      run <2>
      Author:  Ada Lovelace <ada@example.org>
      Date:    2026-01-31 09:30:00 UTC
      Outputs: 1

          Daily prices
      "
    `);
    expect(workspace.says(['log', '--oneline', '--graph'])).toMatchInlineSnapshot(`
      "* <1> (HEAD -> main) Momentum signal
      * <2> Daily prices
      "
    `);
    const { runs, more } = workspace.json('log', ['log', '-n', '1']);
    expect(runs).toMatchObject([
      {
        message: 'Momentum signal\n\nOver twelve months.',
        artifacts: 1,
        params: { window: 12 },
        metrics: { mean_ic: 0.031 },
      },
    ]);
    expect(more).toBe(true);
    expect(workspace.says(['log', '--oneline', '--', 'prices.csv'])).toMatchInlineSnapshot(`
      "<1> Daily prices
      "
    `);
    expect(workspace.cairn(['log', '--format', 'csv']).stdout.split('\n')[0]).toBe(
      'run,run_key,created_at,author,status,artifacts,parents,message',
    );
  });

  test('log goes on where a page ended', () => {
    const workspace = study();
    const first = workspace.json('log', ['log', '-n', '1']);
    const second = workspace.json('log', ['log', '-n', '1', '--cursor', first.cursor ?? '']);
    expect(second.runs).toMatchObject([{ message: 'Daily prices' }]);
    expect(second.cursor).toBeNull();
    expect(workspace.says(['log', '-n', '1', '--oneline'])).toMatch(
      /… there is more: --cursor \S+, or --limit 0 for all\n$/,
    );
  });

  test('log of a branch without runs is empty', () => {
    const workspace = newWorkspace();
    expect(workspace.json('log', ['log']).runs).toEqual([]);
    expect(workspace.says(['log'])).toBe('the branch main has no run yet\n');
  });

  test('show a run, an artifact, an object, a record', () => {
    const workspace = study();
    expect(workspace.says(['show'])).toMatchInlineSnapshot(`
      "run <1> (HEAD -> main)
      Id:      <1>
      Run key: <2>
      Engine:  1.2.0
      Dataset: <3> (cairn.dataset/1, STRICT)
      Author:  Ada Lovelace <ada@example.org>
      Date:    2026-01-31 09:30:00 UTC
      Outputs: 1
      Params:  window=12
      Metrics: mean_ic=0.031

          Momentum signal

          Over twelve months.

      Inputs:
        <4> prices.csv (derived_from)

      Outputs:
        <5>  table  24 B  signals.csv
      "
    `);
    expect(workspace.says(['show', 'HEAD:prices.csv'])).toMatchInlineSnapshot(`
      "artifact <1>
      Id:      <1>
      Key:     prices.csv
      Type:    file, schema version 1
      Content: <2>, 20 B
      Status:  active
      Stored:  packed

      Produced by:
        <3> Daily prices  prices.csv

      Used by:
        <4> Momentum signal
      "
    `);
    const shown = workspace.json('show', ['show', 'HEAD:prices.csv']);
    if (shown.kind !== 'artifact') throw new Error('not an artifact');
    expect(workspace.says(['show', shown.sha256])).toMatchInlineSnapshot(`
      "object <1>
      Size:    20 B
      Stored:  packed

      Content of 1 artifact:
        <2> file prices.csv
      "
    `);
    const run = workspace.json('show', ['show', 'HEAD']);
    if (run.kind !== 'run') throw new Error('not a run');
    expect(workspace.json('show', ['show', run.tree])).toMatchObject({
      kind: 'record',
      record: { schema: 'cairn.tree/1' },
    });
  });

  test('ls', () => {
    const workspace = study();
    expect(workspace.says(['ls', 'HEAD'])).toMatchInlineSnapshot(`
      "<1>  file   20 B  prices.csv
      <2>  table  24 B  signals.csv  quality=draft
      "
    `);
    expect(workspace.says(['ls', '--type', 'table'])).toMatchInlineSnapshot(`
      "<1>  table  24 B  signals.csv  quality=draft
      "
    `);
    expect(workspace.json('ls', ['ls', '--tag', 'quality=draft']).artifacts).toMatchObject([
      { logicalKey: 'signals.csv', path: null },
    ]);
    expect(workspace.json('ls', ['ls', '--key', 'pri*']).artifacts).toMatchObject([{ logicalKey: 'prices.csv' }]);
    expect(workspace.json('ls', ['ls', '--since', '2026-02-01']).artifacts).toEqual([]);
    const first = workspace.json('ls', ['ls', 'HEAD', '--limit', '1']);
    expect(first).toMatchObject({ more: true, artifacts: [{ path: 'prices.csv' }] });
    expect(workspace.json('ls', ['ls', 'HEAD', '--limit', '1', '--cursor', first.cursor ?? ''])).toMatchObject({
      more: false,
      artifacts: [{ path: 'signals.csv' }],
    });
  });

  test('cat gives the bytes of files and records', () => {
    const workspace = study();
    expect(workspace.cairn(['cat', 'HEAD:signals.csv'])).toEqual({
      status: 0,
      stdout: 'day,signal\n1,0.5\n2,0.25\n',
      stderr: '',
    });
    expect(JSON.parse(workspace.cairn(['cat', 'HEAD']).stdout)).toMatchObject({ schema: 'cairn.run/1' });
    expect(workspace.cairn(['cat', workspace.id('HEAD~1:prices.csv').slice(0, 8)]).stdout).toBe(
      'day,price\n1,10\n2,11\n',
    );
  });

  test('diff of runs tells parameters, pins, metrics and files', () => {
    const workspace = study();
    workspace.write('signals.csv', 'day,signal\n1,0.5\n2,0.75\n3,1\n');
    workspace.write('model.bin', new Uint8Array([0, 1, 2]));
    workspace.says(['add', 'signals.csv', 'model.bin']);
    workspace.says([
      'commit',
      '-m',
      'Again',
      '--param',
      'window=6',
      '--metric',
      'mean_ic=0.02',
      '--engine-version',
      '1.2.0',
    ]);
    expect(workspace.says(['diff', 'HEAD~1', 'HEAD'])).toMatchInlineSnapshot(`
      "Parameters:
        window: 12 -> 6 (-6)
      Pins:
        datasets: ["cairn.dataset/1:STRICT:<1>"] -> []
      Metrics:
        mean_ic: 0.031 -> 0.02 (-0.011)
      added model.bin: none -> 3 B <2> (binary)
      changed signals.csv
      --- a/signals.csv
      +++ b/signals.csv
      @@ -1,3 +1,4 @@
       day,signal
       1,0.5
      -2,0.25
      +2,0.75
      +3,1
      "
    `);
    expect(workspace.says(['diff', 'HEAD~1', 'HEAD', '--stat', '--', 'signals.csv'])).toMatchInlineSnapshot(`
      "Parameters:
        window: 12 -> 6 (-6)
      Pins:
        datasets: ["cairn.dataset/1:STRICT:<1>"] -> []
      Metrics:
        mean_ic: 0.031 -> 0.02 (-0.011)
       signals.csv | changed +2 -1
       1 file changed
      "
    `);
    expect(workspace.json('diff', ['diff', 'HEAD~1', 'HEAD'])).toMatchObject({
      differs: true,
      run: {
        metrics: [{ name: 'mean_ic', before: 0.031, after: 0.02 }],
        params: [{ name: 'window', before: 12, after: 6 }],
      },
      files: [
        { path: 'model.bin', change: 'added', noText: 'binary' },
        { path: 'signals.csv', change: 'changed', text: { added: 2, removed: 1 } },
      ],
    });
    expect(workspace.cairn(['diff', 'HEAD', 'HEAD', '--exit-code'])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(workspace.cairn(['diff', 'HEAD~1', 'HEAD', '--exit-code', '--name-only'])).toEqual({
      status: 1,
      stdout: 'model.bin\nsignals.csv\n',
      stderr: '',
    });
  });

  test('diff of files, and of a revision with the workspace', () => {
    const workspace = study();
    workspace.write('signals.csv', 'day,signal\n1,0.5\n2,0.3');
    expect(workspace.says(['diff', '--text', 'HEAD:signals.csv'])).toMatchInlineSnapshot(`
      "changed signals.csv
      --- a/signals.csv
      +++ b/signals.csv
      @@ -1,3 +1,3 @@
       day,signal
       1,0.5
      -2,0.25
      +2,0.3
      \\ No newline at end of file
      "
    `);
    expect(workspace.says(['diff', '--text', 'HEAD:prices.csv', 'HEAD:signals.csv'])).toMatchInlineSnapshot(`
      "changed prices.csv
      --- a/prices.csv
      +++ b/prices.csv
      @@ -1,3 +1,3 @@
      -day,price
      -1,10
      -2,11
      +day,signal
      +1,0.5
      +2,0.25
      "
    `);
    expect(workspace.json('diff', ['diff', 'HEAD~1']).files).toMatchObject([{ path: 'signals.csv', change: 'added' }]);
    workspace.says(['checkout', 'HEAD', 'signals.csv', '--force']);
    expect(workspace.cairn(['diff', '--exit-code']).status).toBe(0);
  });

  test('checkout brings files back and refuses to lose changes', () => {
    const workspace = study();
    workspace.write('prices.csv', 'mine');
    expect(workspace.error(['checkout', 'HEAD', 'prices.csv'], 4)).toMatchObject({ code: 'WOULD_OVERWRITE' });
    expect(workspace.says(['checkout', 'HEAD', 'prices.csv', '--force'])).toMatchInlineSnapshot(`
      "wrote 1 file, 20 B (run <1>)
      "
    `);
    expect(workspace.read('prices.csv')).toBe('day,price\n1,10\n2,11\n');
    workspace.says(['checkout', 'HEAD~1', '--to', 'elsewhere']);
    expect(workspace.exists('elsewhere/prices.csv')).toBe(true);
    expect(workspace.exists('elsewhere/signals.csv')).toBe(false);
  });

  test('equal files, flags, author and time give equal ids on any machine', () => {
    expect(withoutIds(study().id('HEAD'))).toBe('<1>');
    expect(study().id('HEAD')).toBe(study().id('HEAD'));
  });
});
