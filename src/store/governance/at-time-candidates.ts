/** Candidates as they stood at a moment: status, report and name out of their acts up to then. */
import type { CandidateId, RefName } from '../../core/ids.ts';
import type {
  AcceptedRef,
  CandidateAct,
  CandidateEntry,
  CandidateFilter,
  Page,
  PageRequest,
  RefLogEntry,
  Risk,
} from '../../ports/manifest.ts';
import type { PastArtifacts } from './at-time-artifacts.ts';
import { type Moment, pageWhere } from './at-time-moment.ts';

/** Acts that a status is owed to. */
const moves: ReadonlySet<string> = new Set([
  'candidate.create',
  'candidate.promote',
  'candidate.reject',
  'candidate.withdraw',
]);

export class PastCandidates {
  readonly #moment: Moment;
  readonly #artifacts: PastArtifacts;
  /** Where a name stood: the newest move up to the moment. */
  readonly #nameAt: (name: RefName) => Promise<RefLogEntry | undefined>;

  constructor(moment: Moment, artifacts: PastArtifacts, nameAt: (name: RefName) => Promise<RefLogEntry | undefined>) {
    this.#moment = moment;
    this.#artifacts = artifacts;
    this.#nameAt = nameAt;
  }

  async acts(id: CandidateId): Promise<CandidateAct[]> {
    return (await this.#moment.manifest.candidateActs(id)).filter((act) => this.#moment.had(act));
  }

  async candidates(ids: readonly CandidateId[]): Promise<(CandidateEntry | undefined)[]> {
    const entries = await this.#moment.manifest.candidates(ids);
    return Promise.all(entries.map((entry) => (entry === undefined ? undefined : this.#entry(entry))));
  }

  list({ status, atRisk, ...lasting }: CandidateFilter, page: PageRequest): Promise<Page<CandidateEntry>> {
    return pageWhere(
      (part) => this.#moment.manifest.listCandidates(lasting, part),
      async (rows) => {
        const past = await Promise.all(rows.map((row) => this.#entry(row)));
        return past.filter(
          (entry) =>
            entry !== undefined &&
            (status === undefined || entry.status === status) &&
            (atRisk === undefined || atRisk === entry.risks.length > 0),
        ) as CandidateEntry[];
      },
      page,
    );
  }

  async #entry(entry: CandidateEntry): Promise<CandidateEntry | undefined> {
    if (!this.#moment.had(entry)) return undefined;
    const last = (await this.acts(entry.id)).findLast(({ action }) => moves.has(action));
    if (last === undefined) return undefined;
    const stands = last.status === 'candidate' || last.status === 'accepted';
    const past = { ...entry, status: last.status, statusSeq: last.seq, statusAt: last.timestamp };
    if (!stands) return { ...past, report: undefined, name: undefined, risks: [] };
    const named = last.name === undefined ? undefined : await this.#nameAt(last.name);
    return {
      ...past,
      report: last.report,
      name: named?.toCandidate === entry.id ? last.name : undefined,
      risks: await this.#risks(past, last.status),
    };
  }

  async #risks({ id, record }: CandidateEntry, status: 'candidate' | 'accepted' | string): Promise<Risk[]> {
    const risks: Risk[] = [];
    const reports = (await this.#moment.manifest.reportsOf(id)).filter((report) => this.#moment.had(report));
    const newest = reports.find((report) => report.record.level === status);
    if (newest?.record.passed === false) risks.push({ kind: 'report-failed', report: newest.id });
    const inactive = await this.#artifacts.inactive(record.evidence.map(({ artifact }) => artifact));
    for (const { artifact, role } of record.evidence) {
      const what = inactive.get(artifact);
      if (what !== undefined) risks.push({ kind: `evidence-${what}`, artifact, role });
    }
    return risks;
  }

  /** Names of accepted candidates, as they stood. */
  async acceptedRefs(names: readonly RefName[]): Promise<AcceptedRef[]> {
    const found: AcceptedRef[] = [];
    for (const name of names) {
      const move = await this.#nameAt(name);
      if (move?.toCandidate === undefined || move.to === undefined) continue;
      found.push({ name, candidate: move.toCandidate, run: move.to, seq: move.seq });
    }
    return found;
  }
}
