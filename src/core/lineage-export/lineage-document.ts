/**
 * What every lineage export is made from: runs with what they used and made, and the artifacts by id. Neutral, so that a
 * format is one pure function and a new one touches nothing else. Whoever fills it in decides how much of the graph it
 * holds; an artifact or run that is named but not listed is taken as known elsewhere.
 */

import type { ArtifactId, BlobId, RunId, RunKey } from '../ids.ts';
import type { JsonValue } from '../json-value.ts';
import type { Timestamp } from '../time.ts';

export interface LineageArtifact {
  readonly id: ArtifactId;
  readonly type: string;
  readonly schemaVersion: number;
  readonly logicalKey: string;
  readonly sha256: BlobId;
  readonly size: number;
}

export interface LineageRun {
  readonly id: RunId;
  readonly runKey: RunKey;
  /** What the run is an execution of: the name of a named run, the program, or `commit`. Stable from run to run. */
  readonly job: string;
  readonly message?: string;
  readonly author: { readonly name: string; readonly mail?: string };
  readonly createdAt: Timestamp;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
  readonly status: 'succeeded' | 'failed';
  readonly argv?: readonly string[];
  readonly exitCode?: number;
  readonly signal?: string;
  readonly params: { readonly [name: string]: JsonValue };
  readonly metrics: { readonly [name: string]: number };
  /** Version pins that are set. */
  readonly pins: { readonly [name: string]: string };
  readonly code: {
    readonly gitCommit?: string;
    readonly gitDirty?: boolean;
    readonly gitRemote?: string;
  };
  readonly inputs: readonly {
    readonly artifact: ArtifactId;
    readonly relation: string;
    readonly path?: string;
    /** The run that produced it, when known. */
    readonly run?: RunId;
  }[];
  readonly outputs: readonly { readonly artifact: ArtifactId; readonly path: string }[];
  /** Only where outputs differ in their inputs; else every output derives from every input. */
  readonly edges?: readonly { readonly child: ArtifactId; readonly parent: ArtifactId; readonly relation: string }[];
  readonly relations: readonly { readonly run: RunId; readonly relation: string }[];
}

export interface LineageDocument {
  readonly storeId: string;
  /** When the document was made. */
  readonly createdAt: Timestamp;
  /** What it is about, one line. */
  readonly title: string;
  readonly writer: { readonly name: string; readonly version: string };
  /** Oldest first. */
  readonly runs: readonly LineageRun[];
  readonly artifacts: readonly LineageArtifact[];
}

/** When a run began and ended, as far as is known. */
export function runTimes(run: LineageRun): { readonly start: Timestamp; readonly end: Timestamp } {
  return { start: run.startedAt ?? run.createdAt, end: run.endedAt ?? run.createdAt };
}

/** The command as a person would type it; undefined when nothing was run. */
export function commandLine(run: LineageRun): string | undefined {
  const quote = (word: string): string =>
    /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  return run.argv?.map(quote).join(' ');
}

/** Why a run failed, in a few words. */
export function failureText(run: LineageRun): string {
  if (run.signal !== undefined) return `ended by ${run.signal}`;
  return run.exitCode === undefined ? 'failed' : `exit code ${run.exitCode}`;
}

/** Last part of a path or key. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A git remote as an absolute URL: `git@host:path` is ssh. undefined for a local path. */
export function remoteUrl(remote: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\/[^\s]+$/i.test(remote)) return remote;
  const scp = /^(?:([A-Za-z0-9._-]+)@)?([A-Za-z0-9.-]+):(?!\/\/)([^\s]+)$/.exec(remote);
  if (scp === null) return undefined;
  const [, user, host, path = ''] = scp;
  return `ssh://${user === undefined ? '' : `${user}@`}${host}/${path.replace(/^\/+/, '')}`;
}
