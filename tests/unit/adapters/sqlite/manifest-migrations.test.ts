import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, dumpText } from '../../../conformance/manifest-sample.ts';
import { type ManifestPlace, manifestPlace, migrationsDir, tell } from './a-manifest.ts';

let place: ManifestPlace;
/** A copy of the migrations, to add to. */
let copied: string;
beforeEach(() => {
  place = manifestPlace();
  copied = join(place.root, 'migrations');
  cpSync(migrationsDir, copied, { recursive: true });
});
afterEach(() => place.remove());

async function madeStore(): Promise<string> {
  const manifest = await place.open();
  await tell(manifest);
  const dump = await dumpText(manifest);
  await manifest.close();
  return dump;
}

/** Writes a migration and names it in the list, as a release does. */
function add(name: string, sql: string): void {
  writeFileSync(join(copied, name), sql);
  writeFileSync(join(copied, 'SHA256SUMS'), sums(copied));
}

/** What `sha256sum *.sql` prints. */
function sums(directory: string): string {
  return sqlFiles(directory)
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(directory, name)))
          .digest('hex')}  ${name}\n`,
    )
    .join('');
}

const sqlFiles = (directory: string): string[] => readdirSync(directory).filter((name) => name.endsWith('.sql'));

describe('migrations', () => {
  test('mark the file as ours', async () => {
    await madeStore();
    const db = new Sqlite(place.path, { readonly: true });
    expect(db.pragma('application_id', { simple: true })).toBe(0x63726e31);
    expect(db.pragma('user_version', { simple: true })).toBe(sqlFiles(migrationsDir).length);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    db.close();
  });

  test('are applied to an existing store after a backup that is kept, and lose nothing', async () => {
    const before = await madeStore();
    add('9001-more.sql', 'CREATE TABLE more (a INTEGER) STRICT;');
    const notes: string[] = [];
    const manifest = await place.open({ migrationsDir: copied, note: (line) => notes.push(line), now: () => 0 });
    expect(await dumpText(manifest)).toBe(before);
    expect(await manifest.check()).toStrictEqual([]);
    await manifest.close();
    const backup = readdirSync(place.root).find((name) => name.endsWith('.bak')) ?? '';
    expect(notes).toStrictEqual([expect.stringContaining(backup)]);
    const restored = join(place.root, 'restored.sqlite');
    copyFileSync(join(place.root, backup), restored);
    const old = await place.open({ path: restored });
    expect(await dumpText(old)).toBe(before);
    await old.close();
    const again = await place.open({ migrationsDir: copied, note: (line) => notes.push(line) });
    await again.close();
    expect(notes.length).toBe(1);
  });

  test('that fail change nothing', async () => {
    const before = await madeStore();
    add('9001-good.sql', 'CREATE TABLE good (a INTEGER) STRICT;');
    add('9002-bad.sql', 'CREATE TABLE bad (a INTEGER) STRICT; DELETE FROM run;');
    expect(await codeOf(place.open({ migrationsDir: copied }))).toBe('MANIFEST_REFUSED');
    const db = new Sqlite(place.path, { readonly: true });
    expect(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'bad'").pluck().get()).toBe(0);
    db.close();
    add('9002-bad.sql', 'CREATE TABLE mended (a INTEGER) STRICT;');
    const manifest = await place.open({ migrationsDir: copied });
    expect(await dumpText(manifest)).toBe(before);
    await manifest.close();
  });

  test('of a newer version are refused by name', async () => {
    await madeStore();
    add('9001-more.sql', 'CREATE TABLE more (a INTEGER) STRICT;');
    await (await place.open({ migrationsDir: copied })).close();
    await expect(place.open()).rejects.toMatchObject({ code: 'NEWER_STORE', data: { migration: '9001-more.sql' } });
    await expect(place.open({ readOnly: true })).rejects.toMatchObject({ code: 'NEWER_STORE' });
  });

  test('that were changed afterwards are refused', async () => {
    await madeStore();
    const [name = ''] = sqlFiles(copied);
    add(name, `${readFileSync(join(copied, name), 'utf8')}\n-- changed\n`);
    await expect(place.open({ migrationsDir: copied })).rejects.toMatchObject({
      code: 'MANIFEST_CORRUPT',
      data: { migration: name },
    });
  });

  test('stand in the list with the digests that they have', () => {
    expect(readFileSync(join(migrationsDir, 'SHA256SUMS'), 'utf8')).toBe(sums(migrationsDir));
  });

  test('that are not as they were released are not applied', async () => {
    const [name = ''] = sqlFiles(copied);
    writeFileSync(join(copied, name), `${readFileSync(join(copied, name), 'utf8')}\n-- changed\n`);
    await expect(place.open({ migrationsDir: copied })).rejects.toMatchObject({
      code: 'CONFIG_CORRUPT',
      data: { path: join(copied, name) },
    });
  });

  test('are not applied by a reader', async () => {
    await madeStore();
    add('9001-more.sql', 'CREATE TABLE more (a INTEGER) STRICT;');
    const before = readFileSync(place.path);
    expect(await codeOf(place.open({ migrationsDir: copied, readOnly: true }))).toBe('READ_ONLY');
    expect(readFileSync(place.path)).toStrictEqual(before);
  });

  test('may be applied by several at once', async () => {
    await madeStore();
    add('9001-more.sql', 'CREATE TABLE more (a INTEGER) STRICT;');
    const opened = await Promise.all(Array.from({ length: 4 }, () => place.open({ migrationsDir: copied })));
    for (const manifest of opened) expect(await manifest.check()).toStrictEqual([]);
    for (const manifest of opened) await manifest.close();
  });

  test('a folder without them is reported with its path', async () => {
    const missing = join(place.root, 'nowhere');
    await expect(place.open({ migrationsDir: missing })).rejects.toMatchObject({ code: 'IO', data: { path: missing } });
  });
});

describe('files that are not ours', () => {
  test('another program\u2019s database is refused and left alone', async () => {
    const db = new Sqlite(place.path);
    db.exec('CREATE TABLE theirs (a)');
    db.close();
    const before = readFileSync(place.path);
    for (const readOnly of [false, true]) expect(await codeOf(place.open({ readOnly }))).toBe('MANIFEST_CORRUPT');
    expect(readFileSync(place.path)).toStrictEqual(before);
  });

  test('what is no database is refused with the way out, and left alone', async () => {
    writeFileSync(place.path, 'this is no database, and longer than a header of one hundred bytes '.repeat(9));
    for (const readOnly of [false, true]) {
      const opening = place.open({ readOnly });
      await expect(opening).rejects.toMatchObject({
        code: 'MANIFEST_CORRUPT',
        hint: expect.stringContaining('cairn reindex'),
      });
    }
    expect(readFileSync(place.path, 'utf8')).toContain('this is no database');
  });

  test('a directory in its place is reported', async () => {
    mkdirSync(place.path);
    expect(['IO', 'NOT_PERMITTED', 'INTERNAL']).toContain(await codeOf(place.open()));
  });

  test('an empty file is filled', async () => {
    writeFileSync(place.path, '');
    const manifest = await place.open();
    expect(await manifest.check()).toStrictEqual([]);
    await manifest.close();
  });

  test('no file is no store for a reader', async () => {
    expect(await codeOf(place.open({ readOnly: true }))).toBe('NO_STORE');
    expect(readdirSync(place.root)).toStrictEqual(['migrations']);
  });
});
