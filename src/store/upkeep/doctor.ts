/**
 * `doctor`: is this a place where cairn can work, and does anything wait for a person? Each check has a name, an outcome
 * and, where it is not `ok`, the next step. It reads little and changes nothing; whether every stored byte is right is
 * what fsck says.
 */

import { equalBytes, utf8 } from '../../core/bytes.ts';
import { CodedError, isCodedError } from '../../core/errors.ts';
import { timestampMs } from '../../core/time.ts';
import type { StoreProbe } from '../../ports/store-probe.ts';
import type { StoreContext } from '../context.ts';

export type CheckOutcome = 'ok' | 'warn' | 'fail';

export interface DoctorCheck {
  readonly name: string;
  readonly outcome: CheckOutcome;
  readonly detail: string;
  /** What to do, when it is not ok. */
  readonly next?: string;
}

export interface DoctorResult {
  /** True when nothing fails; a warning is no failure. */
  readonly ok: boolean;
  readonly checks: readonly DoctorCheck[];
}

export type DoctorContext = Pick<StoreContext, 'clock' | 'codec' | 'log' | 'manifest'> & { readonly probe: StoreProbe };

const mebibyte = 1024 * 1024;
/** A clock this far behind the newest event is wrong, or was then. */
const clockTolerance = 60_000;
/** 2020: no store is older. */
const earliestClock = 1_577_836_800_000;

const ok = (detail: string): Omit<DoctorCheck, 'name'> => ({ outcome: 'ok', detail });
const warn = (detail: string, next: string): Omit<DoctorCheck, 'name'> => ({ outcome: 'warn', detail, next });
const fail = (detail: string, next: string): Omit<DoctorCheck, 'name'> => ({ outcome: 'fail', detail, next });

type Check = (context: DoctorContext) => Promise<Omit<DoctorCheck, 'name'>>;

function versionParts(version: string): number[] {
  return version.replace(/^v/, '').split('.').map(Number);
}

/** True when a dotted version is at least another. */
function atLeast(version: string, least: string): boolean {
  const [have, want] = [versionParts(version), versionParts(least)];
  for (let index = 0; index < want.length; index++) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function mib(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(1)} MiB`;
}

const checks: { readonly [name: string]: Check } = {
  runtime: async ({ probe }) => {
    const { node, leastNode, platform } = await probe.runtime();
    if (atLeast(node, leastNode)) return ok(`Node ${node} on ${platform}`);
    return fail(`Node ${node} is older than ${leastNode}`, `Install Node ${leastNode} or newer.`);
  },
  zstd: async ({ codec }) => {
    const sample = utf8('cairn '.repeat(64));
    const again = codec.decompress(codec.compress(sample), sample.length);
    return equalBytes(again, sample)
      ? ok('compresses and decompresses')
      : fail('does not give back what it was given', 'Reinstall Node.');
  },
  sqlite: async ({ probe }) => ok(`SQLite ${(await probe.runtime()).sqlite}`),
  directory: async ({ probe }) => {
    const { path, writable } = await probe.directory();
    if (writable) return ok(`${path} can be written`);
    return warn(
      `${path} can only be read`,
      'Reading works. To write, correct its owner and mode or mount it writable.',
    );
  },
  space: async ({ probe }) => {
    const { freeBytes } = await probe.directory();
    if (freeBytes < 64 * mebibyte)
      return fail(`${mib(freeBytes)} left`, 'Free some space: `cairn gc`, or remove other files.');
    if (freeBytes < 1024 * mebibyte) return warn(`${mib(freeBytes)} left`, '`cairn gc --dry-run` shows what could go.');
    return ok(`${mib(freeBytes)} left`);
  },
  'file-system': async ({ probe }) => {
    const { network } = await probe.directory();
    if (network === undefined) return ok('local');
    return fail(
      `a network file system (${network}), where locks cannot be relied on`,
      'Move the store to a local disk.',
    );
  },
  clock: async ({ clock, manifest }) => {
    const now = clock.now();
    if (clock.kind === 'fixed')
      return warn(
        'is fixed from outside; events say so',
        'Take the fixed time out of the environment for ordinary work.',
      );
    if (now < earliestClock) return fail('is years behind', 'Set the clock of the machine.');
    const { lastTimestamp } = await manifest.logHead();
    const behind = lastTimestamp === undefined ? 0 : timestampMs(lastTimestamp) - now;
    if (behind <= clockTolerance) return ok('not behind the newest event');
    return warn(
      `${Math.round(behind / 1000)} s behind the newest event`,
      'Set the clock: events take the time of the one before until it has caught up.',
    );
  },
  author: async ({ probe }) => {
    const author = await probe.author();
    if (author !== undefined) return ok(author);
    return warn(
      'nobody is named as the author',
      'Set one: `cairn config set actor.name "…"` and `cairn config set actor.mail …`.',
    );
  },
  manifest: async ({ manifest }) => {
    const problems = await manifest.check();
    const [first] = problems;
    if (first === undefined) return ok('sound');
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    return fail(`${first}${more}`, '`cairn reindex` builds it again from the log and the objects.');
  },
  log: async ({ log, manifest }) => {
    const position = await manifest.logPosition();
    const end = await log.end();
    const shorter =
      end.segment < position.segment || (end.segment === position.segment && end.length < position.length);
    const { size } = await manifest.logHead();
    if (!shorter) return ok(`${size} events`);
    return fail(
      'the log is shorter than the manifest says',
      'Restore log/ from a backup; `cairn fsck` says where it ends.',
    );
  },
  temporary: async ({ probe }) => {
    const { count, bytes } = (await probe.directory()).temporary;
    if (count === 0) return ok('nothing left over');
    return warn(
      `${count} files of running or killed commands (${mib(bytes)})`,
      '`cairn gc` removes those that have expired.',
    );
  },
  quarantine: async ({ probe }) => {
    const { count, bytes } = (await probe.directory()).quarantine;
    if (count === 0) return ok('empty');
    return warn(
      `${count} damaged files (${mib(bytes)})`,
      'Look at them in quarantine/ and delete them when nothing is missed.',
    );
  },
  'stat-cache': async ({ probe }) => {
    const workspace = await probe.workspace();
    if (workspace === undefined) return ok('no workspace here');
    if (workspace.statCacheBytes === undefined) return ok('none yet; the next `cairn status` reads every file');
    return ok(mib(workspace.statCacheBytes));
  },
};

/** Runs every check; a check that cannot be made has failed. */
export async function examinePlace(context: DoctorContext): Promise<DoctorResult> {
  const results: DoctorCheck[] = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      results.push({ name, ...(await check(context)) });
    } catch (error) {
      if (!isCodedError(error)) throw new CodedError('INTERNAL', `the check ${name} broke`, { cause: error });
      results.push({ name, ...fail(error.message, error.hint ?? 'See docs/errors.md.') });
    }
  }
  return { ok: results.every((result) => result.outcome !== 'fail'), checks: results };
}
