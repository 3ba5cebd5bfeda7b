/** Traces: the story from an acceptance back to data, code and configuration, and the same as fields. */
import { type ActorId, type ArtifactId, shortId } from '../core/ids.ts';
import { riskWords } from '../store/governance/risks.ts';
import type { Trace, TracedCandidate, WalkedRun } from '../store/governance/trace.ts';
import { statusText } from './artifact-view.ts';
import type { Output } from './output.ts';
import { firstLine, inLine, timeText } from './text.ts';

/** Inputs and outputs of a run that are told one by one; --json has all. */
const shownArtifacts = 20;

class Story {
  readonly #trace: Trace;
  readonly #out: Output;

  constructor(trace: Trace, out: Output) {
    this.#trace = trace;
    this.#out = out;
  }

  #who(id: ActorId): string {
    return inLine(this.#trace.actors.get(id) ?? shortId(id));
  }

  #id(id: string): string {
    return this.#out.style('yellow', shortId(id));
  }

  #artifact(id: ArtifactId): string {
    const entry = this.#trace.artifacts.get(id);
    if (entry === undefined) return this.#id(id);
    const status = statusText(entry, this.#out);
    return `${this.#id(id)} ${inLine(entry.logicalKey)}${status === '' ? '' : ` (${status})`}`;
  }

  candidate({ entry, acts, report, policy, approvals, evidence }: TracedCandidate): string[] {
    const { record, status, name, risks } = entry;
    const isStanding = status === 'candidate' || status === 'accepted';
    const as = name === undefined ? '' : ` as ${inLine(name)}`;
    return [
      `candidate ${this.#id(entry.id)}: ${inLine(record.signalName)} at horizon ${record.horizon}, ${status}${as} since ${timeText(entry.statusAt)}`,
      ...risks.flatMap((risk) => {
        const { message, next } = riskWords(entry, risk);
        return [
          this.#out.style('red', `  at risk: ${inLine(message)}`),
          ...next.map((command) => `    ${inLine(command)}`),
        ];
      }),
      `  of run ${this.#id(record.run)}, dataset ${inLine(record.datasetId)}, configuration ${shortId(record.configHash)}`,
      ...acts.map(({ seq, timestamp, action, actor, report: about, status: to, reason }) => {
        const what = action === 'candidate.promote' ? `${action} to ${to}` : action;
        const on = about === undefined ? '' : ` on report ${shortId(about)}`;
        const why = reason === undefined ? '' : `: ${firstLine(reason)}`;
        return `  event ${seq}  ${timeText(timestamp)}  ${what}${on}, by ${this.#who(actor)}${why}`;
      }),
      ...(report === undefined
        ? ['  no report']
        : [
            `${isStanding ? 'stands on' : 'newest'} report ${this.#id(report.id)}: ${report.record.level}, ${report.record.passed ? 'passed' : this.#out.style('red', 'blocked')}, evaluated ${timeText(report.record.evaluatedAt)} by ${this.#who(report.record.evaluator)}`,
            `  policy ${policy === undefined ? shortId(report.record.policy) : `${inLine(policy.name)} ${inLine(policy.version)} (${shortId(policy.id)})`}`,
            ...Object.entries(report.record.metrics).map(
              ([metric, value]) => `  ${inLine(metric)} = ${inLine(JSON.stringify(value))}`,
            ),
            ...report.record.blockers.map(({ message }) => `  blocker: ${inLine(message)}`),
            ...report.record.warnings.map(({ message }) => `  warning: ${inLine(message)}`),
          ]),
      ...approvals.map(({ timestamp, actor, keyFingerprint, keyRevoked }) => {
        const revoked = keyRevoked ? this.#out.style('red', ', a key revoked since') : '';
        return `  approved ${timeText(timestamp)} by ${this.#who(actor)} with ${inLine(keyFingerprint)}${revoked}`;
      }),
      'evidence',
      ...evidence.map(({ role, artifact, run }) => {
        return `  ${inLine(role)}: ${this.#artifact(artifact)}${run === undefined ? '' : `, made by run ${shortId(run)}`}`;
      }),
    ];
  }

  run({ entry, inputs }: WalkedRun): string[] {
    const made = this.#trace.productions.filter(({ run }) => run === entry.id);
    const code =
      entry.gitCommit === undefined
        ? 'not known'
        : `git ${entry.gitCommit}${entry.gitDirty === true ? ', with changes' : ''}`;
    const message = entry.message === undefined ? '' : `: ${firstLine(entry.message)}`;
    const more = (count: number): string[] =>
      count > shownArtifacts ? [`  … and ${count - shownArtifacts} more: --json lists all`] : [];
    return [
      `run ${this.#id(entry.id)}  ${timeText(entry.createdAt)}, by ${inLine(entry.author)}${message}`,
      `  engine ${inLine(entry.engineVersion) || 'not given'}, configuration ${inLine(entry.configVersion) || 'not given'} (${shortId(entry.configHash)}), code ${code}`,
      `  run key ${shortId(entry.runKey)}, dataset ${inLine(entry.datasetIdV2 ?? 'none or several')}`,
      ...made.slice(0, shownArtifacts).map(({ artifact, path }) => {
        const entryOf = this.#trace.artifacts.get(artifact);
        return `  made ${this.#artifact(artifact)}${entryOf?.logicalKey === path ? '' : ` at ${inLine(path)}`}`;
      }),
      ...more(made.length),
      ...inputs.slice(0, shownArtifacts).map(({ artifact, relation, producer }) => {
        return `  from ${this.#artifact(artifact)}, ${inLine(relation)}${producer === undefined ? '' : `, made by run ${shortId(producer)}`}`;
      }),
      ...more(inputs.length),
    ];
  }
}

export function traceLines(trace: Trace, out: Output): string[] {
  const story = new Story(trace, out);
  const { target, candidates, runs, missing } = trace;
  const artifact = target.kind === 'artifact' ? trace.artifacts.get(target.id) : undefined;
  const about =
    artifact === undefined
      ? []
      : [
          `artifact ${out.style('yellow', shortId(artifact.id))}: ${inLine(artifact.logicalKey)}, sha256 ${artifact.blob}`,
          '',
        ];
  const nowhere = target.kind === 'artifact' && candidates.length === 0 ? ['no candidate rests on it', ''] : [];
  return [
    ...about,
    ...nowhere,
    ...candidates.flatMap((candidate) => [...story.candidate(candidate), '']),
    ...runs.flatMap((run) => [...story.run(run), '']),
    ...(missing.length === 0
      ? ['complete: everything that it rests on is known']
      : ['not complete:', ...missing.map(({ detail }) => `  ${inLine(detail)}`)]),
  ];
}
