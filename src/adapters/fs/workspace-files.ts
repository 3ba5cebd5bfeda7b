/** The files of one workspace directory (`WorkspaceFiles` over a local file system). */

import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../../core/system-error.ts';
import type { FileStat, WorkspaceFiles } from '../../ports/workspace.ts';
import { packFiles } from './file-packing.ts';
import { kindOf, statRow } from './file-stat.ts';
import { openFilesWriter } from './files-writer.ts';
import { openLargeFile } from './large-file.ts';
import { SafeWriter } from './materialise.ts';
import { scanFiles } from './scan.ts';

function statOne(root: string, path: string): FileStat | undefined {
  try {
    const stat = lstatSync(path === '' ? root : join(root, path), { throwIfNoEntry: false });
    return stat === undefined ? undefined : { kind: kindOf(stat), stat: statRow(stat) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw systemError('cannot look at', error, join(root, path));
  }
}

/** `probeDirectory` is where the case test may write: the workspace's own `.cairn`. */
export function openWorkspaceFiles(options: { root: string; probeDirectory: string }): WorkspaceFiles {
  const { root } = options;
  /** Directories stay open for one call only: between calls the user may move them. */
  async function writing<T>(work: (writer: SafeWriter) => T | Promise<T>): Promise<T> {
    const writer = new SafeWriter(root);
    try {
      return await work(writer);
    } finally {
      writer.close();
    }
  }
  return {
    root,
    scan: async (paths, ignores) => scanFiles(root, paths, ignores),
    stat: async (paths) => paths.map((path) => statOne(root, path)),
    readLink: (path) => writing((writer) => writer.readLink(path)),
    async readText(path) {
      try {
        return readFileSync(join(root, path), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw systemError('cannot read', error, path);
      }
    },
    pack: (paths, sizes, packing) => packFiles(root, paths, sizes, packing),
    open: async (path) => openLargeFile(join(root, path), path),
    writer: (expected) => openFilesWriter(root, expected),
    writeStream: (path, executable, source) => writing((writer) => writer.writeStream(path, executable, source)),
    writeLinked: (path, from, how, executable) => writing((writer) => writer.writeLinked(path, from, how, executable)),
    writeLink: (path, target) => writing((writer) => writer.writeLink(path, target)),
    makeDirectory: (path) => writing((writer) => writer.makeDirectory(path)),
    remove: (paths) =>
      writing((writer) => {
        for (const path of paths) writer.removeFile(path);
        const parents = new Set(paths.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/')))));
        for (const parent of [...parents].sort().reverse()) writer.removeEmptyDirectories(parent);
      }),
    async isCaseInsensitive() {
      const name = `case-${randomBytes(6).toString('hex')}`;
      mkdirSync(options.probeDirectory, { recursive: true });
      const probe = join(options.probeDirectory, name);
      writeFileSync(probe, '');
      try {
        return statSync(join(options.probeDirectory, name.toUpperCase()), { throwIfNoEntry: false }) !== undefined;
      } finally {
        rmSync(probe);
      }
    },
  };
}
