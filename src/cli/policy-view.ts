/** Policies as people and programs see them. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CodedError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { LevelPolicy } from '../core/records/policy.ts';
import { levels } from '../core/records/report.ts';
import { systemError, systemErrorCode } from '../core/system-error.ts';
import type { NamedPolicy, ShownPolicy } from '../store/governance/policies.ts';
import type { Fields, Output } from './output.ts';
import { metricText } from './report-view.ts';
import { inLine, timeText } from './text.ts';

const largestFile = 1024 * 1024;

/** The text of a policy file; undefined where there is no such file, which may then be a policy that cairn brings along. */
export function policyText(cwd: string, file: string): string | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(resolve(cwd, file));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw systemError('cannot read the policy', error, file);
  }
  if (bytes.length > largestFile) {
    throw new CodedError('BAD_ARGUMENT', `${file} is larger than any policy`, { data: { path: file } });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CodedError('BAD_JSON', `${file} is not UTF-8`, { data: { path: file }, cause });
  }
}

export function policyFields({ id, record }: NamedPolicy): Fields {
  return { policy: id, name: record.name, version: String(record.version) };
}

export function policyTitle({ id, record }: NamedPolicy, out: Output): string {
  return `${inLine(record.name)} ${inLine(String(record.version))} (${out.style('yellow', shortId(id))})`;
}

function levelLines(level: string, policy: LevelPolicy): string[] {
  const thresholds = Object.entries(policy.thresholds).filter(([, value]) => value !== null);
  const line = (title: string, texts: readonly string[]): string[] =>
    texts.length === 0 ? [] : [`    ${title.padEnd(12)}${texts.map(inLine).join(', ')}`];
  return [
    `  ${level}${policy.enforce === 'warn' ? ' (only warns)' : ''}`,
    ...line('evidence', policy.evidence),
    ...line('pins', policy.pins),
    ...line(
      'thresholds',
      thresholds.map(([name, value]) => `${name}=${metricText(value)}`),
    ),
    ...line(
      'approvals',
      policy.approvals.map(({ role, count }) => `${count} by ${role}`),
    ),
    ...line(
      'waivable',
      policy.waivable.map(({ subject, roles }) => `${subject} (by ${roles.join(' or ')})`),
    ),
  ];
}

export function policyLines(policy: ShownPolicy, out: Output): string[] {
  const { record, active, activatedAt } = policy;
  const since = activatedAt === undefined ? '' : `, activated ${timeText(activatedAt)}`;
  return [
    policyTitle(policy, out),
    `Id:      ${policy.id}`,
    `Status:  ${active ? out.style('green', 'active') : 'not active'}${since}`,
    '',
    'Levels:',
    ...levels.flatMap((level) => levelLines(level, record.levels[level])),
    '',
    'Checks:',
    ...record.checks.flatMap(({ id, severity, levels: at, when, assert, message }) => [
      `  ${inLine(id)}${severity === 'warn' ? ' (warns)' : ''}${at.length === levels.length ? '' : ` at ${at.join(', ')}`}`,
      ...(when === undefined ? [] : [`    when    ${inLine(when)}`]),
      `    assert  ${inLine(assert)}`,
      `    else    ${inLine(message)}`,
    ]),
    ...(record.programs.length === 0 ? [] : ['', 'Programs:']),
    ...record.programs.map(
      ({ id, argv, sha256 }) => `  ${inLine(id)}  ${inLine(argv.join(' '))}  sha256 ${shortId(sha256)}`,
    ),
  ];
}
