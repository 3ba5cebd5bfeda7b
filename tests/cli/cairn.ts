/** The built program in a directory of its own: what these tests say is what a person or a script gets. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { z } from 'zod';
import { documents } from '../../src/cli/documents.ts';

export const program = join(import.meta.dirname, '..', '..', 'bin', 'cairn');

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
  readonly input?: string;
  /** Runs as this user; only root can. */
  readonly uid?: number;
}

/** Fixed time and author: records, and so ids, are the same in every run of a test. */
export const environment = {
  PATH: process.env['PATH'] ?? '',
  HOME: tmpdir(),
  TZ: 'UTC',
  LC_ALL: 'C.UTF-8',
  CAIRN_AUTHOR: 'Ada Lovelace <ada@example.org>',
  CAIRN_DETERMINISTIC_TIME: '2026-01-31T09:30:00Z',
  GIT_CEILING_DIRECTORIES: tmpdir(),
};

type DocumentName = keyof typeof documents;
type Document<Name extends DocumentName> = z.infer<(typeof documents)[Name]>;

/** Ids become `<1>`, `<2>`, … in the order in which they appear, fingerprints of keys `<key>`; a short id is its long one. */
export function withoutIds(text: string): string {
  const names = new Map<string, string>();
  return text
    .replace(/SHA256:[A-Za-z0-9+/]{12}(?:[A-Za-z0-9+/]{31})?/g, '<key>')
    .replace(/(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{12})(?![0-9a-f])/g, (id) => {
      const key = id.slice(0, 12);
      const name = names.get(key) ?? `<${names.size + 1}>`;
      names.set(key, name);
      return name;
    });
}

export class Workspace {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  write(path: string, content: string | Uint8Array, mode?: number): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
    if (mode !== undefined) chmodSync(this.path(path), mode);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  remove(path: string): void {
    rmSync(this.path(path));
  }

  exists(path: string): boolean {
    return existsSync(this.path(path));
  }

  cairn(args: readonly string[], options: RunOptions = {}): Ran {
    const done = spawnSync(process.execPath, [program, ...args], {
      cwd: options.cwd ?? this.root,
      env: { ...environment, ...options.env },
      input: options.input ?? '',
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      maxBuffer: 1024 ** 3,
    });
    if (done.error !== undefined) throw done.error;
    return { status: done.status ?? -1, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
  }

  /** The output for people, ids and places taken out; fails unless the status is as given. */
  says(args: readonly string[], status = 0, options: RunOptions = {}): string {
    const ran = this.cairn(args, options);
    const text = `${ran.stdout}${ran.stderr}`;
    if (ran.status !== status) throw new Error(`cairn ${args.join(' ')}: status ${ran.status}\n${text}`);
    return withoutIds(text.replaceAll(this.root, '<root>'));
  }

  /** The JSON document of a command, held against its schema. */
  json<Name extends DocumentName>(
    name: Name,
    args: readonly string[],
    options: RunOptions & { readonly status?: number } = {},
  ): Document<Name> {
    const ran = this.cairn(['--json', ...args], options);
    if (ran.status !== (options.status ?? 0))
      throw new Error(`cairn ${args.join(' ')}: status ${ran.status}\n${ran.stdout}${ran.stderr}`);
    return documents[name].parse(JSON.parse(ran.stdout)) as Document<Name>;
  }

  /** The error of a command that fails with `--json`. */
  error(args: readonly string[], status: number, options: RunOptions = {}): Document<'error'>['error'] {
    return this.json('error', args, { ...options, status }).error;
  }

  /** The full id of what a revision names. */
  id(rev: string): string {
    const shown = this.json('show', ['show', rev]);
    if ('runInstanceId' in shown) return shown.runInstanceId;
    if ('artifactId' in shown) return shown.artifactId;
    throw new Error(`${rev} is no run and no artifact`);
  }

  /** Adds and commits files; answers the run's id. */
  commit(
    message: string,
    files: { readonly [path: string]: string | Uint8Array },
    options: readonly string[] = [],
  ): string {
    for (const [path, content] of Object.entries(files)) this.write(path, content);
    this.says(['add', ...Object.keys(files)]);
    return this.json('commit', ['commit', '-m', message, ...options]).runInstanceId;
  }
}

/** A user to whom a directory without write permission is one: root may write anywhere. */
export const stranger: RunOptions = process.getuid?.() === 0 ? { uid: 65534 } : {};

/** A directory after `cairn init` that the caller removes. */
export function temporaryWorkspace(): Workspace {
  const workspace = new Workspace(mkdtempSync(join(tmpdir(), 'cairn-cli-')));
  workspace.says(['init']);
  return workspace;
}

/** An empty directory, gone when the test ends. */
export function emptyDirectory(): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'cairn-cli-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return new Workspace(root);
}

/** A directory after `cairn init`. */
export function newWorkspace(): Workspace {
  const workspace = emptyDirectory();
  workspace.says(['init']);
  return workspace;
}
