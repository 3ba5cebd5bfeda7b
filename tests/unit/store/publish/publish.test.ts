/** Publishing: what is recognised, what is added, what is refused, and that several at once agree. */
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CodedError } from '../../../../src/core/errors.ts';
import { packedObjectLimit } from '../../../../src/core/pack-format.ts';
import { parseRunRecord, runBytes } from '../../../../src/core/records/parse-record.ts';
import { describeByRules } from '../../../../src/core/workspace-config/describe-path.ts';
import type { TypeRule } from '../../../../src/core/workspace-config/workspace-config.ts';
import { restore, supersede, tombstone } from '../../../../src/store/lineage/status-change.ts';
import { readRecord } from '../../../../src/store/objects/object-reader.ts';
import { publishBatch } from '../../../../src/store/publish/publish.ts';
import type { PublishOutcome, PublishSettings } from '../../../../src/store/publish/request.ts';
import { lineTables, makePublisher, noSettings, type Publisher } from './a-publisher.ts';

let at: Publisher;
beforeEach(async () => {
  at = await makePublisher();
});
afterEach(() => at.close());

function codeOf(outcome: PublishOutcome | undefined): string {
  if (outcome === undefined || !('error' in outcome)) return 'published';
  return outcome.error instanceof CodedError ? outcome.error.code : String(outcome.error);
}

async function counts(): Promise<{ runs: number; artifacts: number; blobs: number; events: number }> {
  const { runs, artifacts, blobs, events } = await at.store.manifest.stats();
  return { runs, artifacts, blobs: blobs.count, events };
}

function tableSettings(...types: TypeRule[]): PublishSettings {
  return { ...noSettings, types, tableAt: describeByRules(types) };
}

describe('what is published', () => {
  test('is one run without parents, with one output and its inputs, that moves no ref', async () => {
    at.write('a', 'first');
    const [input] = await at.publish(at.request('a'));
    at.write('b', 'second');
    const [made] = await at.publish(
      at.request('b', { inputs: [`uses_config=${input?.artifact}`], params: { window: 12 }, tags: { desk: 'rates' } }),
    );
    const { manifest } = at.store;
    const [run] = await manifest.runs([made?.run as never]);
    expect(run).toMatchObject({ parents: [], artifacts: 1, params: { window: 12 }, message: 'publish data key/b' });
    expect(await manifest.outputs(made?.run as never)).toMatchObject([{ path: 'b', artifact: made?.artifact }]);
    expect(await manifest.refs('')).toEqual([]);
    const lineage = await manifest.lineage({ roots: [made?.artifact as never], direction: 'up' });
    expect(lineage.edges).toMatchObject([
      { child: made?.artifact, parent: input?.artifact, relation: 'uses_config', run: made?.run },
    ]);
    const [entry] = await manifest.artifacts([made?.artifact as never]);
    expect(entry).toMatchObject({ type: 'data', logicalKey: 'key/b', tags: { desk: 'rates' } });
  });

  test('adds nothing when it was published before, in another batch or in the same one', async () => {
    at.write('a', 'bytes');
    const [first, second] = await at.publish(at.request('a'), at.request('a'));
    const before = await counts();
    const [third] = await at.publish(at.request('a'));
    expect(await counts()).toEqual(before);
    expect([first?.repeated, second?.repeated, third?.repeated]).toEqual([false, true, true]);
    expect(new Set([first?.run, second?.run, third?.run]).size).toBe(1);
    expect(third?.mode).toBe('file_hash');
  });

  test('is known by its bytes under the same type, version and key, and new under others', async () => {
    at.write('a', 'bytes');
    const [first] = await at.publish(at.request('a', { params: { n: 1 } }));
    const again = await at.publish(
      at.request('a', { params: { n: 2 } }),
      at.request('a', { logicalKey: 'other' }),
      at.request('a', { type: 'other' }),
      at.request('a', { schemaVersion: 2 }),
    );
    expect(again.map(({ mode }) => mode)).toEqual(['file_hash', undefined, undefined, undefined]);
    expect(again[0]).toMatchObject({ artifact: first?.artifact, repeated: false });
    expect(again[0]?.run).not.toBe(first?.run);
    expect(await counts()).toMatchObject({ runs: 5, artifacts: 4, blobs: 1 });
  });

  test('costs no blob bytes for what is known: 900 of 1,000', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `f${index}`);
    for (const name of names) at.write(name, `content of ${name} `.repeat(50));
    await at.publish(...names.slice(0, 900).map((name) => at.request(name)));
    const before = (await at.store.manifest.stats()).blobs.count;
    const done = await at.publish(...names.map((name) => at.request(name, { params: { again: true } })));
    expect(done.filter(({ mode }) => mode === 'file_hash').length).toBe(900);
    expect((await at.store.manifest.stats()).blobs.count - before).toBe(100);
  });

  test('streams a large file, and recognises it without writing it again', async () => {
    const bytes = new Uint8Array(packedObjectLimit + 5);
    for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 2654435761) >>> 13;
    at.write('large', bytes);
    await at.publish(at.request('large'));
    const stored = at.store.files().size;
    const [again] = await at.publish(at.request('large', { logicalKey: 'other' }));
    expect(again?.mode).toBeUndefined();
    const added = [...at.store.files().keys()].filter((name) => name.startsWith('objects/'));
    expect(added.length).toBe(1);
    expect(at.store.files().size).toBeGreaterThan(stored);
  });
});

describe('tables', () => {
  test('are known by their content: the bytes are not stored, and the run keeps their hash', async () => {
    at.write('a.csv', '1\n2\n');
    at.write('b.csv', '1 \n 2\n');
    const [first] = await at.publish(at.request('a.csv', { logicalKey: 'k' }));
    const before = await counts();
    const [second] = await at.publish(at.request('b.csv', { logicalKey: 'k' }));
    expect(second).toMatchObject({ mode: 'content_hash', artifact: first?.artifact, repeated: false });
    expect(second?.blob).not.toBe(first?.blob);
    expect(second?.content).toEqual(first?.content);
    expect(await counts()).toMatchObject({ runs: before.runs + 1, artifacts: before.artifacts });
    const [blob] = await at.store.manifest.objects('blob', [second?.blob as never]);
    expect(blob?.location.kind ?? 'absent').toBe('absent');
    const [third] = await at.publish(at.request('b.csv', { logicalKey: 'k' }));
    expect(third).toMatchObject({ repeated: true, mode: 'content_hash', run: second?.run });
    // The run holds the bytes of the first file, so it calls them what they are.
    const outputs = await at.store.manifest.outputs(second?.run as never);
    expect(outputs.map(({ path }) => path)).toEqual(['a.csv']);
  });

  test('are told apart by key, by type and by specification', async () => {
    at.write('a.csv', '1\n2\n');
    at.write('b.csv', '1 \n2\n');
    await at.publish(at.request('a.csv', { logicalKey: 'k' }));
    const [key, type] = await at.publish(
      at.request('b.csv', { logicalKey: 'other' }),
      at.request('b.csv', { logicalKey: 'k', type: 'other' }),
    );
    expect([key?.mode, type?.mode]).toEqual([undefined, undefined]);
    const sorted = tableSettings({ match: ['nothing'], type: 'data', table: { sort: ['a'] } });
    const [spec] = await at.outcomes([at.request('b.csv', { logicalKey: 'k' })], sorted);
    expect(spec).toMatchObject({ published: { mode: undefined } });
  });

  test('in one batch are recognised in its order', async () => {
    at.write('a.csv', '1\n');
    at.write('b.csv', ' 1\n');
    at.write('c.csv', '1 \n');
    const done = await at.publish(...['a.csv', 'b.csv', 'c.csv'].map((name) => at.request(name, { logicalKey: 'k' })));
    expect(done.map(({ mode }) => mode)).toEqual([undefined, 'content_hash', 'content_hash']);
    expect(new Set(done.map(({ artifact }) => artifact)).size).toBe(1);
  });

  test('whose content is known are not read again', async () => {
    at.write('a.csv', '1\n');
    await at.publish(at.request('a.csv'));
    await at.publish(at.request('a.csv', { params: { n: 2 } }));
    expect(at.read).toEqual(['a.csv']);
  });

  test('are stored when the bytes that stand for their content were let go', async () => {
    at.write('a.csv', '1\n');
    at.write('b.csv', ' 1\n');
    const [first] = await at.publish(at.request('a.csv', { logicalKey: 'k' }));
    const { manifest } = at.store;
    const objects = [{ namespace: 'blob', id: first?.blob as never }] as const;
    await manifest.apply({ facts: [{ kind: 'forget', objects }], nowMs: at.store.time.now, clock: 'wall' });
    const [second] = await at.publish(at.request('b.csv', { logicalKey: 'k' }));
    expect(second).toMatchObject({ mode: undefined, repeated: false });
    const [blob] = await manifest.objects('blob', [second?.blob as never]);
    expect(blob?.location.kind).toBe('packed');
  });

  test('that cannot be read are bytes with a note, unless a rule says that they are tables', async () => {
    at.write('a.csv', 'broken\n');
    const [plain] = await at.publish(at.request('a.csv'));
    expect(plain).toMatchObject({ content: undefined, notes: [expect.stringContaining('row 1')] });
    const before = await counts();
    const ruled = tableSettings({ match: ['out/*.csv'], table: {} });
    const [refused] = await at.outcomes(
      [at.request('a.csv', { logicalKey: 'new', workspacePath: 'out/a.csv' })],
      ruled,
    );
    expect(codeOf(refused)).toBe('TABLE_INVALID');
    expect(await counts()).toEqual(before);
  });

  test('without an ending that says so are tables by a rule, and refused when their format cannot be told', async () => {
    at.write('a', 'PAR1 1\n');
    at.write('b', 'text\n');
    const ruled = tableSettings({ match: ['nothing'], type: 'data', table: {} });
    const [marked, unknown] = await at.outcomes([at.request('a'), at.request('b')], ruled);
    expect(marked).toMatchObject({ published: { content: { rows: 1 } } });
    expect(codeOf(unknown)).toBe('TABLE_INVALID');
  });
});

describe('status', () => {
  test('of a superseded artifact is said; a tombstoned one is refused until it is restored', async () => {
    at.write('a', 'old');
    at.write('b', 'new');
    const [old, next] = await at.publish(at.request('a'), at.request('b'));
    const [oldId, newId] = [old?.artifact as never, next?.artifact as never];
    await supersede(at.store, newId, oldId, undefined);
    const [again] = await at.publish(at.request('a', { params: { n: 1 } }));
    expect(again).toMatchObject({ status: 'superseded', mode: 'file_hash' });
    await tombstone(at.store, newId, 'wrong');
    const before = await counts();
    const [refused] = await at.outcomes([at.request('b', { params: { n: 1 } })]);
    expect(codeOf(refused)).toBe('STATUS_CONFLICT');
    expect((refused as { error: CodedError }).error.hint).toContain('cairn restore');
    expect(await counts()).toEqual(before);
    await restore(at.store, newId, 'right after all');
    expect(await at.publish(at.request('b', { params: { n: 1 } }))).toMatchObject([{ status: 'active' }]);
  });

  test('--supersede-previous replaces the newest other active one, also within a batch', async () => {
    for (const name of ['a', 'b', 'c']) at.write(name, name);
    const asked = { logicalKey: 'k', supersedePrevious: true };
    const done = await at.publish(at.request('a', asked), at.request('b', asked));
    const [last] = await at.publish(at.request('c', asked));
    const [first, second] = done;
    expect([first?.superseded, second?.superseded, last?.superseded]).toEqual([
      undefined,
      first?.artifact,
      second?.artifact,
    ]);
    const { rows } = await at.store.manifest.listArtifacts({ logicalKey: 'k', status: 'active' }, { limit: 0 });
    expect(rows.map(({ id }) => id)).toEqual([last?.artifact]);
    // The same again supersedes nothing.
    expect(await at.publish(at.request('c', asked))).toMatchObject([{ repeated: true, superseded: undefined }]);
  });
});

describe('a request that fails', () => {
  test('fails alone, with the file named', async () => {
    at.write('good', 'good');
    symlinkSync(at.path('good'), at.path('link'));
    const outcomes = await at.outcomes([
      at.request('gone'),
      at.request('good'),
      at.request('link'),
      at.request('good', { logicalKey: 'x', inputs: ['f'.repeat(64)] }),
      at.request('good', { logicalKey: 'y', tags: { token: 'password=hunter2Xy9' } }),
    ]);
    expect(outcomes.map(codeOf)).toEqual([
      'PATH_NOT_FOUND',
      'published',
      'UNSUPPORTED_FILE',
      'REV_NOT_FOUND',
      'SECRET_LIKE',
    ]);
    expect(String((outcomes[0] as { error: Error }).error.message)).toContain('gone');
    expect(await counts()).toMatchObject({ runs: 1, artifacts: 1 });
  });

  test('vanishes or changes between its hash and its table: an error, and nothing half-published', async () => {
    for (const [spoil, code] of [
      [(path: string) => rmSync(path), 'PATH_NOT_FOUND'],
      [(path: string) => writeFileSync(path, '7\n8\n9\n'), 'IO'],
    ] as const) {
      const own = await makePublisher((read) => {
        const inner = lineTables(read);
        return {
          ...inner,
          identifyMany: async (files) => {
            const found = await inner.identifyMany(files);
            spoil(files[0]?.file.path as string);
            return found;
          },
        };
      });
      own.write('a.csv', '1\n2\n');
      const [outcome] = await own.outcomes([own.request('a.csv')]);
      expect(codeOf(outcome)).toBe(code);
      const { runs, artifacts } = await own.store.manifest.stats();
      expect({ runs, artifacts }).toEqual({ runs: 0, artifacts: 0 });
      await own.close();
    }
  });

  test('changes while its content is read, which is known from other bytes: an error, and no run', async () => {
    at.write('a.csv', '1\n');
    await at.publish(at.request('a.csv', { logicalKey: 'k' }));
    const before = await counts();
    at.write('b.csv', ' 1\n');
    const { tables } = at.context;
    const spoiling = {
      ...tables,
      identifyMany: async (files: Parameters<typeof tables.identifyMany>[0]) => {
        const found = await tables.identifyMany(files);
        at.write('b.csv', '1 \n2\n');
        return found;
      },
    };
    const request = at.request('b.csv', { logicalKey: 'k' });
    const [outcome] = await publishBatch({ ...at.context, tables: spoiling }, noSettings, [request]);
    expect(codeOf(outcome)).toBe('IO');
    expect(await counts()).toEqual(before);
  });

  test('changes before it is stored: an error, and its first bytes are not said to be there', async () => {
    at.write('a', 'first');
    at.write('b', 'beside it');
    const { everywhere, codec } = at.context;
    let packs = 0;
    const spoiling = {
      ...everywhere,
      pack: async (...args: Parameters<typeof everywhere.pack>) => {
        packs++;
        if (packs === 2) at.write('a', 'other');
        return everywhere.pack(...args);
      },
    };
    const requests = [at.request('a'), at.request('b')];
    const outcomes = await publishBatch({ ...at.context, everywhere: spoiling }, noSettings, requests);
    expect(outcomes.map(codeOf)).toEqual(['IO', 'published']);
    expect(await at.store.manifest.objects('blob', [codec.sha256Hex('first') as never])).toEqual([undefined]);
  });

  test('takes nobody with it whose bytes it shared', async () => {
    at.write('a', 'same');
    at.write('b', 'same');
    const { everywhere } = at.context;
    let packs = 0;
    const spoiling = {
      ...everywhere,
      pack: async (...args: Parameters<typeof everywhere.pack>) => {
        packs++;
        // Between the hash and the storing of the first file.
        if (packs === 2) rmSync(at.path('a'));
        return everywhere.pack(...args);
      },
    };
    const requests = [at.request('a', { logicalKey: 'k' }), at.request('b', { logicalKey: 'l' })];
    const outcomes = await publishBatch({ ...at.context, everywhere: spoiling }, noSettings, requests);
    expect(outcomes.map(codeOf)).toEqual(['PATH_NOT_FOUND', 'published']);
  });
});

describe('several publishers', () => {
  test('of one content agree on one artifact, whoever is first', async () => {
    at.write('a.csv', '1\n');
    at.write('b.csv', '1 \n');
    at.write('c.csv', ' 1\n');
    const all = await Promise.all(
      ['a.csv', 'b.csv', 'c.csv', 'a.csv'].map((name) => at.outcomes([at.request(name, { logicalKey: 'k' })])),
    );
    const published = all.flat().map((outcome) => ('published' in outcome ? outcome.published : undefined));
    expect(new Set(published.map((one) => one?.artifact)).size).toBe(1);
    expect(published.filter((one) => one?.mode === undefined).length).toBe(1);
    expect(published.filter((one) => one?.repeated).length).toBe(1);
    expect(await counts()).toMatchObject({ runs: 3, artifacts: 1 });
  });

  test('that supersede the previous one at once leave one active artifact', async () => {
    at.write('first', 'first');
    await at.publish(at.request('first', { logicalKey: 'k' }));
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) at.write(name, name);
    const all = await Promise.all(
      names.map((name) => at.outcomes([at.request(name, { logicalKey: 'k', supersedePrevious: true })])),
    );
    expect(all.flat().map(codeOf)).toEqual(names.map(() => 'published'));
    const { rows } = await at.store.manifest.listArtifacts({ logicalKey: 'k', status: 'active' }, { limit: 0 });
    expect(rows.length).toBe(1);
  });
});

test('the run of a publication is recorded in its canonical form, whatever it holds', async () => {
  at.write('in', 'input');
  const [input] = await at.publish(at.request('in'));
  const odd = 'ключ "\\" \u0001 😀 €';
  at.write('a.csv', '1\n');
  const done = await at.publish(
    at.request('a.csv', {
      type: odd,
      logicalKey: odd,
      inputs: [`uses_config=${input?.artifact}`],
      params: { z: 1.5, a: [odd, null, { b: true }] },
      pins: { engineVersion: odd, researchSpecVersion: '1' },
      external: { runKey: odd },
      writer: { name: odd, version: odd },
      code: { gitCommit: 'c'.repeat(40), gitDirty: true },
      tags: { [odd]: odd },
    }),
    at.request('in', { params: { plain: true } }),
  );
  for (const { run } of done) {
    const bytes = await readRecord(at.store, run);
    expect(runBytes(parseRunRecord(bytes))).toEqual(bytes);
  }
});
