/** What a change of status says, the same for supersede, tombstone and restore. */
import { shortId } from '../core/ids.ts';
import type { CandidateEntry } from '../store/governance/candidates.ts';
import type { Dependents, StatusChange } from '../store/lineage/status-change.ts';
import { shortRef } from '../store/runs/refs.ts';
import { artifactFields } from './artifact-view.ts';
import { claimText, riskLines } from './candidate-view.ts';
import type { Fields } from './output.ts';
import { messageText } from './run-view.ts';
import { counted, firstLine, inLine } from './text.ts';

/** Dependents named in full; the rest is counted. */
const namedDependents = 10;

export function statusChangeFields({ artifact, by, reason, dependents }: StatusChange): Fields {
  return {
    artifact: artifactFields(artifact),
    by: by === undefined ? null : artifactFields(by),
    reason: reason ?? null,
    dependents: {
      runs: dependents.runs.map((run) => run.id),
      refs: dependents.refs,
      candidates: dependents.candidates.map(({ id }) => id),
      atRisk: dependents.candidates.filter(({ risks }) => risks.length > 0).map(({ id }) => id),
    },
  };
}

function candidateText(candidate: CandidateEntry): string {
  return `${shortId(candidate.id)} (${claimText(candidate)}), ${candidate.name ?? candidate.status}`;
}

export function dependentLines({ runs, refs, candidates }: Dependents): string[] {
  if (runs.length + refs.length + candidates.length === 0) return ['nothing rests on it'];
  const lines: string[] = [];
  if (runs.length > 0) {
    lines.push(`${counted(runs.length, 'run')} rest${runs.length === 1 ? 's' : ''} on it:`);
    lines.push(...runs.slice(0, namedDependents).map((run) => `  ${shortId(run.id)} ${firstLine(messageText(run))}`));
    if (runs.length > namedDependents) lines.push(`  … and ${counted(runs.length - namedDependents, 'more', 'more')}`);
  }
  if (refs.length > 0) lines.push(`still in: ${refs.map((ref) => inLine(shortRef(ref))).join(', ')}`);
  const atRisk = candidates.filter(({ risks }) => risks.length > 0);
  const sound = candidates.filter(({ risks }) => risks.length === 0);
  for (const candidate of atRisk) {
    lines.push(`at risk: candidate ${candidateText(candidate)}`, ...riskLines(candidate));
  }
  if (sound.length > 0) lines.push(`candidates: ${sound.map(candidateText).join('; ')}`);
  return lines;
}
