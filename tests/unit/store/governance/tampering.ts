/** What somebody can do who writes the files of a store without cairn. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Signal } from './an-accepted-signal.ts';

/** Edits the manifest as somebody would who drops the triggers, and puts them back. */
export function tamper(signal: Signal, ...statements: readonly string[]): void {
  const db = new Database(join(signal.root, '.cairn', 'manifest.sqlite'));
  try {
    db.pragma('foreign_keys = OFF');
    const triggers = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as {
      name: string;
      sql: string;
    }[];
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
    for (const statement of statements) db.exec(statement);
    for (const { sql } of triggers) db.exec(sql);
  } finally {
    db.close();
  }
}

/** Flips a byte in the middle of a record's frame. */
export function damage(signal: Signal, id: string): void {
  const db = new Database(join(signal.root, '.cairn', 'manifest.sqlite'), { readonly: true });
  const sql =
    'SELECT p.name, f.start FROM object o JOIN frame f ON f.frame_id = o.place JOIN pack p ON p.pack_id = f.pack_id WHERE o.sha256 = ?';
  const { name, start } = db.prepare(sql).get(Buffer.from(id, 'hex')) as { name: string; start: number };
  db.close();
  const path = join(signal.root, '.cairn', 'packs', `${name}.pack`);
  const bytes = readFileSync(path);
  bytes[start + 200] = (bytes[start + 200] as number) ^ 1;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}
