/** Differences in the form of `diff -u`, with the values of runs in front. */
import { shortId } from '../core/ids.ts';
import type { Diff, FileDifference, FileSide } from '../store/runs/diff.ts';
import type { Fields, Output } from './output.ts';
import { tableDiffLines, tableFields, tableSummary } from './table-diff-view.ts';
import { byteSize, counted, inLine, inLines } from './text.ts';
import { changeFields, valueLines } from './value-changes.ts';

function sideFields(side: FileSide | undefined): Fields | null {
  if (side === undefined) return null;
  if (side.kind === 'link') return { link: side.target };
  if (side.kind === 'directory') return { directory: true };
  return { artifactId: side.artifact ?? null, sha256: side.sha256, size: side.size, executable: side.executable };
}

function fileFields({ path, change, before, after, text, noText, table }: FileDifference): Fields {
  return {
    path,
    change,
    before: sideFields(before),
    after: sideFields(after),
    noText: noText ?? null,
    text: text === undefined ? null : { added: text.added, removed: text.removed, hunks: text.hunks },
    table: tableFields(table),
  };
}

export function diffFields({ before, after, run, files, differs }: Diff): Fields {
  return {
    before: { ...before, id: before.id ?? null },
    after: { ...after, id: after.id ?? null },
    differs,
    run:
      run === undefined
        ? null
        : {
            params: changeFields(run.params),
            pins: changeFields(run.pins),
            metrics: changeFields(run.metrics),
            tags: changeFields(run.tags),
            code: changeFields(run.code),
            environment: changeFields(run.environment),
          },
    files: files.map(fileFields),
  };
}

function sideText(side: FileSide | undefined): string {
  if (side === undefined) return 'none';
  if (side.kind === 'link') return `link to ${inLine(side.target)}`;
  if (side.kind === 'directory') return 'directory';
  return `${byteSize(side.size)} ${shortId(side.sha256)}`;
}

const noTextReasons = {
  binary: 'binary',
  large: 'too large for a text comparison',
  withdrawn: 'withdrawn, so not compared',
} as const;

function summaryOf(file: FileDifference): string {
  if (file.change === 'mode') {
    const executable = file.after?.kind === 'file' && file.after.executable;
    return executable ? 'is executable now' : 'is no longer executable';
  }
  if (file.change === 'described') return 'equal bytes, another artifact (type, key or schema version)';
  if (file.table?.kind === 'compared') return tableSummary(file.table);
  const reason = file.noText === undefined ? '' : ` (${noTextReasons[file.noText]})`;
  return `${sideText(file.before)} -> ${sideText(file.after)}${reason}`;
}

/** `named`: the file was named, so that its rows are shown. */
function fileLines(file: FileDifference, named: boolean, out: Output): string[] {
  const path = inLine(file.path);
  const heading = out.style('bold', `${file.change} ${path}`);
  if (file.table?.kind === 'compared')
    return [`${heading}: ${tableSummary(file.table)}`, ...(named ? tableDiffLines(file.table, out) : [])];
  const unreadable = file.table === undefined ? [] : [`  ${tableSummary(file.table)}`];
  if (file.text === undefined || file.text.hunks.length === 0) return [`${heading}: ${summaryOf(file)}`, ...unreadable];
  const lines = [
    heading,
    ...unreadable,
    out.style('bold', `--- ${file.before === undefined ? '/dev/null' : `a/${path}`}`),
    out.style('bold', `+++ ${file.after === undefined ? '/dev/null' : `b/${path}`}`),
  ];
  for (const hunk of file.text.hunks) {
    lines.push(out.style('cyan', `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`));
    for (const { kind, text } of hunk.lines) {
      const line = `${kind}${inLines(text)}`;
      lines.push(kind === ' ' ? line : out.style(kind === '-' ? 'red' : 'green', line));
    }
  }
  return lines;
}

function statLine(file: FileDifference): string {
  const counts =
    file.text === undefined || file.table?.kind === 'compared'
      ? summaryOf(file)
      : `+${file.text.added} -${file.text.removed}`;
  return ` ${inLine(file.path)} | ${file.change} ${counts}`;
}

export function diffLines({ before, run, files }: Diff, style: 'full' | 'stat' | 'names', out: Output): string[] {
  if (style === 'names') return files.map(({ path }) => inLine(path));
  const values =
    run === undefined
      ? []
      : [
          ...valueLines('Parameters', run.params, out),
          ...valueLines('Pins', run.pins, out),
          ...valueLines('Metrics', run.metrics, out),
          ...valueLines('Tags', run.tags, out),
          ...valueLines('Code', run.code, out),
          ...valueLines('Environment', run.environment, out),
        ];
  if (style === 'stat')
    return [
      ...values,
      ...files.map(statLine),
      ...(files.length === 0 ? [] : [` ${counted(files.length, 'file')} changed`]),
    ];
  const named = before.kind !== 'run' && before.kind !== 'tree';
  return [...values, ...files.flatMap((file) => fileLines(file, named, out))];
}
