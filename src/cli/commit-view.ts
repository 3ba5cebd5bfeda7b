/** A run that was just recorded. */
import { shortId } from '../core/ids.ts';
import type { RecordedRun } from '../store/runs/record-run.ts';
import type { Fields, Output } from './output.ts';
import { byteSize, counted, inLine } from './text.ts';

/** Artifacts that people are shown; the rest is counted. */
const shownArtifacts = 20;

/** `brief` leaves the list of artifacts out. */
export function commitFields(run: RecordedRun, brief: boolean): Fields {
  const { runInstanceId, runKey, ref, parents, outputs, tree, artifacts, removed, rebased } = run;
  return {
    runInstanceId,
    runKey,
    ref: ref ?? null,
    parents,
    outputs,
    tree,
    rebased,
    removed,
    ...(brief ? {} : { artifacts }),
  };
}

export function commitLines({ runInstanceId, ref, artifacts, removed, rebased }: RecordedRun, out: Output): string[] {
  const branch = ref === undefined ? 'no branch' : inLine(ref.replace(/^heads\//, ''));
  const more = artifacts.length - shownArtifacts;
  return [
    `run ${out.style('yellow', shortId(runInstanceId))} on ${branch}: ${counted(artifacts.length, 'artifact')}${removed.length === 0 ? '' : `, ${counted(removed.length, 'path')} removed`}`,
    ...(rebased ? ['the branch had moved: the run was put on its new tip'] : []),
    ...artifacts
      .slice(0, shownArtifacts)
      .map(
        ({ artifactId, path, size }) =>
          `  ${out.style('yellow', shortId(artifactId))} ${inLine(path)} ${byteSize(size)}`,
      ),
    ...(more > 0 ? [`  … and ${counted(more, 'more', 'more')}`] : []),
  ];
}
