/** `status` for people and programs. */
import { shortId } from '../core/ids.ts';
import type { Status } from '../store/workspace/status.ts';
import type { Fields, Output } from './output.ts';
import { counted, grouped, inLine } from './text.ts';

/** Paths of one kind that people are shown; the rest is counted. */
const shownPaths = 100;

export function statusFields(status: Status): Fields {
  const { ref, run, stale, clean, staged, modified, missing, untracked, problems, cached, read } = status;
  return {
    ref,
    run: run ?? null,
    stale,
    clean,
    staged: staged.map(({ path }) => path),
    removed: staged.filter(({ kind }) => kind === 'removal').map(({ path }) => path),
    modified,
    missing,
    untracked,
    problems: problems.map(({ path, reason, code }) => ({ path, reason, code })),
    cached,
    read,
  };
}

function section(title: string, hint: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - shownPaths;
  return [
    '',
    `${title} (${hint}):`,
    ...lines.slice(0, shownPaths).map((line) => `  ${line}`),
    ...(more > 0 ? [`  … and ${counted(more, 'more', 'more')} (--json lists all)`] : []),
  ];
}

export function statusLines(status: Status, out: Output): string[] {
  const { staged, modified, missing, untracked, problems } = status;
  const branch = inLine(status.ref.replace(/^heads\//, ''));
  const words = { file: 'file     ', link: 'link     ', directory: 'directory', removal: 'removal  ' } as const;
  const green = staged.map(({ path, kind }) =>
    out.style(kind === 'removal' ? 'red' : 'green', `${words[kind]} ${inLine(path)}`),
  );
  return [
    `on branch ${out.style('bold', branch)}${status.run === undefined ? ', no run yet' : ` at ${out.style('yellow', shortId(status.run))}`}`,
    ...(status.stale
      ? [
          `${out.style('magenta', 'stale')}: an input of this run was superseded or tombstoned (\`cairn show HEAD\` names it)`,
        ]
      : []),
    ...section('staged', '`cairn commit` records it', green),
    ...section(
      'modified',
      '`cairn add` stages it',
      modified.map((path) => out.style('red', inLine(path))),
    ),
    ...section(
      'missing',
      '`cairn add` stages the removal, `cairn checkout HEAD <path>` brings it back',
      missing.map((path) => out.style('red', inLine(path))),
    ),
    ...section(
      'untracked',
      '`cairn add` stages it',
      untracked.map((path) => out.style('red', inLine(path))),
    ),
    ...section(
      'cannot be stored',
      'rename or ignore it',
      problems.map(({ path, reason }) => `${inLine(path)}: ${inLine(reason)}`),
    ),
    ...(status.clean ? ['nothing to commit: the workspace is as the run has it'] : ['']),
    out.style('dim', `${counted(status.cached, 'file')} known by stat, ${grouped(status.read)} read`),
  ];
}
