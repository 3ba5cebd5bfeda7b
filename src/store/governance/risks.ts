/** Why what a candidate was once granted does not hold any more, in words, with what to do. */
import { shortId } from '../../core/ids.ts';
import type { CandidateEntry, Risk } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';

export type { Risk };

export interface RiskWords {
  readonly message: string;
  /** Commands to choose from. */
  readonly next: readonly string[];
}

export function riskWords(candidate: Pick<CandidateEntry, 'id' | 'status'>, risk: Risk): RiskWords {
  const { id, status } = candidate;
  const withdraw = `cairn withdraw ${shortId(id)} -m <reason>`;
  if (risk.kind === 'report-failed') {
    return {
      message: `a newer report (${shortId(risk.report)}) for the level ${status} did not pass`,
      next: [`cairn show ${shortId(risk.report)}`, `cairn evaluate ${shortId(id)} --level ${status}`, withdraw],
    };
  }
  const artifact = shortId(risk.artifact);
  return {
    message: `its ${risk.role} (${artifact}) was ${risk.kind === 'evidence-superseded' ? 'superseded' : 'withdrawn'}`,
    next: [`cairn show ${artifact}`, `cairn restore ${artifact} -m <reason>`, withdraw],
  };
}

/** What somebody must know who works with an accepted name: why its candidate does not stand any more. */
export async function riskNotes(context: Pick<StoreContext, 'manifest'>, rev: string | undefined): Promise<string[]> {
  const name = /^accepted\/[^:~]+/.exec(rev ?? '')?.[0];
  if (name === undefined) return [];
  const found = (await context.manifest.acceptedRefs(name)).find((one) => one.name === name);
  const [candidate] = found === undefined ? [] : await context.manifest.candidates([found.candidate]);
  if (candidate === undefined || candidate.risks.length === 0) return [];
  const why = candidate.risks.map((risk) => riskWords(candidate, risk).message);
  return [
    `warning: ${name} is at risk: ${why.join('; ')}`,
    `\`cairn candidate show ${shortId(candidate.id)}\` says what to do`,
  ];
}
