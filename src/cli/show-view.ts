/** `show`: each kind of thing in the form that suits it. */
import { shortId } from '../core/ids.ts';
import type { Shown, ShownArtifact, ShownDirectory, ShownFile, ShownObject, ShownRun } from '../store/runs/show.ts';
import { artifactFields, statusText } from './artifact-view.ts';
import { candidateMark, candidateSection, shownCandidateFields, shownCandidateLines } from './candidate-view.ts';
import { contextFields, contextLines } from './context-view.ts';
import { eventFields, shownEvent, shownEventLines } from './event-view.ts';
import type { Fields, Output } from './output.ts';
import { reportFields, reportLines } from './report-view.ts';
import { oneLine, runBlock, runFields } from './run-view.ts';
import { tableLines } from './table.ts';
import { byteSize, counted, grouped, inLine, inLines } from './text.ts';

function fileFields({ path, leaf, artifact }: ShownFile): Fields {
  if (leaf.kind === 'link') return { path, link: leaf.target };
  if (leaf.kind === 'directory') return { path, directory: true };
  return {
    path,
    executable: leaf.executable,
    ...(artifact === undefined ? { artifactId: leaf.artifact } : artifactFields(artifact)),
  };
}

function fileRows(files: readonly ShownFile[], out: Output): string[] {
  const rows = files.map(({ path, leaf, artifact }) => {
    if (leaf.kind === 'link') return ['', '', '', `${inLine(path)} -> ${inLine(leaf.target)}`, ''];
    if (leaf.kind === 'directory') return ['', '', '', `${inLine(path)}/`, ''];
    const known =
      artifact === undefined
        ? ['', '', '']
        : [inLine(artifact.type), byteSize(artifact.size), statusText(artifact, out)];
    return [out.style('yellow', shortId(leaf.artifact)), known[0] ?? '', known[1] ?? '', inLine(path), known[2] ?? ''];
  });
  return tableLines(
    [{ title: '' }, { title: '' }, { title: '', align: 'right' }, { title: '' }, { title: '' }],
    rows,
  ).map((line) => `  ${line}`.trimEnd());
}

/** Inputs that are named for people: a directory may be many. */
const shownInputs = 100;

const restOf = (more: boolean): string[] => (more ? ['  … there is more: --limit 0 for all'] : []);

function runLines(shown: ShownRun, head: string | undefined, out: Output): string[] {
  const { entry, record } = shown;
  const lines = runBlock(entry, shown.refs, head, out);
  const facts = [
    `Run key: ${record.runKey}`,
    ...(record.identity.engineVersion === '' ? [] : [`Engine:  ${inLine(record.identity.engineVersion)}`]),
    ...(record.identity.configVersion === '' ? [] : [`Config:  ${inLine(record.identity.configVersion)}`]),
    ...record.identity.datasets.map(
      (dataset) => `Dataset: ${inLine(dataset.id)} (${inLine(dataset.algorithm)}, ${dataset.mode})`,
    ),
    ...(record.code.gitCommit === undefined
      ? []
      : [`Code:    git ${shortId(record.code.gitCommit)}${record.code.gitDirty ? ' with changes' : ''}`]),
    ...(record.command === undefined ? [] : [`Command: ${inLine(record.command.argv.join(' '))}`]),
    ...record.relations.map(({ run, relation }) => `Relation: ${inLine(relation)} ${shortId(run)}`),
    ...(shown.held ? ['Held:    a hold keeps it'] : []),
  ];
  const inputs = shown.inputs.slice(0, shownInputs).map(({ input, artifact }) => {
    const name = artifact === undefined ? '' : ` ${inLine(input.path ?? artifact.logicalKey)}`;
    const state = artifact === undefined ? '' : statusText(artifact, out);
    return `  ${out.style('yellow', shortId(input.artifact))}${name} (${inLine(input.relation)})${state === '' ? '' : `  ${state}`}`;
  });
  return [
    lines[0] ?? '',
    `Id:      ${entry.id}`,
    ...facts,
    ...lines.slice(1),
    ...(inputs.length === 0 ? [] : ['', 'Inputs:', ...inputs]),
    ...(shown.inputs.length > shownInputs
      ? [`  … and ${grouped(shown.inputs.length - shownInputs)} more: --json`]
      : []),
    ...(shown.outputs.length === 0 ? [] : ['', 'Outputs:', ...fileRows(shown.outputs, out), ...restOf(shown.more)]),
    ...(record.removed.length === 0 ? [] : ['', 'Removed:', ...record.removed.map((path) => `  ${inLine(path)}`)]),
    ...candidateSection(shown.candidates, out),
    ...contextLines(record.context, shown.context),
  ];
}

function tableText(content: ShownArtifact['entry']['content']): string[] {
  if (content === undefined) return [];
  const { sha256, rows, minTs, maxTs } = content;
  return [
    `Table:   ${sha256}, ${counted(rows, 'row')}`,
    ...(minTs === undefined || maxTs === undefined ? [] : [`Times:   ${inLine(minTs)} to ${inLine(maxTs)}`]),
  ];
}

function artifactLines(shown: ShownArtifact, head: string | undefined, out: Output): string[] {
  const { entry } = shown;
  const state = statusText(entry, out);
  const tags = Object.entries(entry.tags).map(([name, value]) => `${inLine(name)}=${inLine(value)}`);
  return [
    out.style('yellow', `artifact ${shortId(entry.id)}`),
    `Id:      ${entry.id}`,
    `Key:     ${inLine(entry.logicalKey)}`,
    `Type:    ${inLine(entry.type)}, schema version ${entry.schemaVersion}`,
    `Content: ${entry.blob}, ${byteSize(entry.size)}`,
    ...tableText(entry.content),
    `Status:  ${state === '' ? 'active' : state}`,
    ...(entry.reason === undefined ? [] : [`Reason:  ${inLines(entry.reason)}`]),
    ...(tags.length === 0 ? [] : [`Tags:    ${tags.join(', ')}`]),
    ...(shown.object === undefined ? [] : [`Stored:  ${shown.object.location.kind}`]),
    ...(shown.held ? ['Held:    a hold keeps it'] : []),
    ...(shown.producedBy.length === 0 ? [] : ['', 'Produced by:']),
    ...shown.producedBy.map(
      ({ production, run }) =>
        `  ${run === undefined ? shortId(production.run) : oneLine(run, [], head, out)}  ${inLine(production.path)}`,
    ),
    ...(shown.usedBy.length === 0 ? [] : ['', 'Used by:']),
    ...shown.usedBy.map((run) => `  ${oneLine(run, [], head, out)}`),
    ...candidateSection(shown.candidates, out),
  ];
}

function objectLines({ object, artifacts }: ShownObject, out: Output): string[] {
  return [
    out.style('yellow', `object ${object.id}`),
    `Size:    ${byteSize(object.size)}${object.size < 1024 ? '' : ` (${grouped(object.size)} bytes)`}`,
    `Stored:  ${object.location.kind}`,
    ...(artifacts.length === 0
      ? ['it is the content of no artifact']
      : ['', `Content of ${counted(artifacts.length, 'artifact')}:`]),
    ...artifacts.map((entry) =>
      `  ${shortId(entry.id)} ${inLine(entry.type)} ${inLine(entry.logicalKey)}  ${statusText(entry, out)}`.trimEnd(),
    ),
  ];
}

function directoryLines(shown: ShownDirectory, out: Output): string[] {
  return [
    out.style('yellow', `directory ${inLine(shown.path)}/`),
    ...fileRows(shown.files, out),
    ...restOf(shown.more),
  ];
}

export function shownLines(shown: Shown, head: string | undefined, out: Output): string[] {
  switch (shown.kind) {
    case 'run':
      return runLines(shown, head, out);
    case 'artifact':
      return artifactLines(shown, head, out);
    case 'candidate':
      return shownCandidateLines(shown, out);
    case 'report':
      return reportLines(shown.id, shown.record, out);
    case 'object':
      return objectLines(shown, out);
    case 'directory':
      return directoryLines(shown, out);
    case 'event':
      return shownEventLines(shown, out);
    case 'record':
      return inLines(JSON.stringify(shown.value, null, 2)).split('\n');
  }
}

export function shownFields(shown: Shown): Fields {
  switch (shown.kind) {
    case 'run':
      return {
        kind: 'run',
        ...runFields(shown.entry, shown.refs),
        tree: shown.entry.tree,
        outputs: shown.outputs.map(fileFields),
        moreOutputs: shown.more,
        inputs: shown.inputs.map(({ input, artifact }) => ({
          ...input,
          logicalKey: artifact?.logicalKey ?? null,
          status: artifact?.status ?? null,
        })),
        held: shown.held,
        candidates: shown.candidates.map(candidateMark),
        context: contextFields(shown.record.context, shown.context),
        record: shown.record,
      };
    case 'artifact':
      return {
        kind: 'artifact',
        ...artifactFields(shown.entry),
        path: shown.path ?? null,
        stored: shown.object?.location.kind ?? null,
        held: shown.held,
        producedBy: shown.producedBy.map(({ production }) => ({
          runInstanceId: production.run,
          path: production.path,
        })),
        usedBy: shown.usedBy.map((run) => run.id),
        candidates: shown.candidates.map(candidateMark),
      };
    case 'candidate':
      return shownCandidateFields(shown);
    case 'report':
      return { kind: 'report', ...reportFields(shown.id, shown.record) };
    case 'object':
      return {
        kind: 'object',
        sha256: shown.object.id,
        size: shown.object.size,
        stored: shown.object.location.kind,
        artifacts: shown.artifacts.map(artifactFields),
      };
    case 'directory':
      return {
        kind: 'directory',
        tree: shown.tree,
        run: shown.run ?? null,
        path: shown.path,
        files: shown.files.map(fileFields),
        more: shown.more,
      };
    case 'event':
      return { kind: 'event', ...eventFields(shownEvent(shown)) };
    case 'record':
      return { kind: 'record', id: shown.id, record: shown.value };
  }
}
