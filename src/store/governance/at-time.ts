/**
 * The store as it stood at a past moment: the same questions of the manifest, answered out of the log up to the last event at or
 * before it. So `show`, `ls`, `trace` and `candidate list` are the same use cases over another manifest.
 *
 * Records never change; what events change is replayed from the events of the one thing that is asked about, found by index,
 * and for lists from all events of their acts. Nothing else is answered: a question that the past has no answer to throws.
 */
import { CodedError } from '../../core/errors.ts';
import type { RefName, RunId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/time.ts';
import type {
  EventFilter,
  Found,
  Manifest,
  PageRequest,
  RefLogEntry,
  ReportEntry,
  RunEntry,
} from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { PastArtifacts } from './at-time-artifacts.ts';
import { PastCandidates } from './at-time-candidates.ts';
import { holdsThen, keyThen, pastRuns, policiesThen } from './at-time-facts.ts';
import { Moment, pageWhere } from './at-time-moment.ts';

/** The same store, seen at a time. Throws BAD_ARGUMENT for a time before the store's first event. */
export async function asOf<Context extends Pick<StoreContext, 'backend' | 'codec' | 'manifest'>>(
  context: Context,
  time: Timestamp,
): Promise<Context> {
  const moment = await Moment.at(context, time);
  if (moment.seq === 0) {
    throw new CodedError('BAD_ARGUMENT', `--at: the log of this store begins after ${time}`, {
      hint: '`cairn events --reverse --limit 1` shows its first event.',
      data: { argument: '--at', time },
    });
  }
  // Not a spread: the author of a context is only asked for by who writes.
  return Object.create(context, { manifest: { value: pastManifest(moment), enumerable: true } }) as Context;
}

const newestMove = 200;

function pastManifest(moment: Moment): Manifest {
  const now = moment.manifest;
  const refuse = (question: string) => (): never => {
    throw new CodedError('BAD_ARGUMENT', `${question} is not answered as of a past moment`, {
      hint: 'Ask without --at.',
      data: { argument: '--at' },
    });
  };
  const nameAt = async (name: RefName): Promise<RefLogEntry | undefined> => {
    let cursor: string | undefined;
    do {
      const page = await now.refLog(name, { limit: newestMove, cursor });
      const move = page.rows.find((one) => moment.had(one));
      if (move !== undefined) return move;
      cursor = page.cursor;
    } while (cursor !== undefined);
    return undefined;
  };
  /** Every name that ever was, in order. */
  const namesEver = async (prefix: string): Promise<RefName[]> => {
    const subjects = await moment.events({ action: 'ref.update' });
    const names = new Set(subjects.map(({ record }) => record.subject.id as RefName));
    if ('accepted/'.startsWith(prefix) || prefix.startsWith('accepted/')) {
      const { rows } = await now.refLog(undefined, { limit: 0 });
      for (const { name } of rows) names.add(name);
    }
    return [...names].filter((name) => name.startsWith(prefix)).sort();
  };
  const artifacts = new PastArtifacts(moment);
  const candidates = new PastCandidates(moment, artifacts, nameAt);
  const runs = (ids: readonly RunId[]): Promise<(RunEntry | undefined)[]> => pastRuns(moment, artifacts, ids);
  const had = async (run: RunId): Promise<boolean> => {
    const [entry] = await now.runs([run]);
    return entry !== undefined && moment.had(entry);
  };
  const until = (filter: EventFilter): EventFilter => ({
    ...filter,
    to: filter.to === undefined || filter.to > moment.time ? moment.time : filter.to,
  });
  const reportsThen = <Row extends ReportEntry | undefined>(rows: readonly Row[]): (Row | undefined)[] =>
    rows.map((row) => (row !== undefined && moment.had(row) ? row : undefined));

  return {
    apply: refuse('a change'),
    stagedBlobs: refuse('what is staged'),
    artifactsWithContent: refuse('table content'),
    publications: refuse('what was published'),
    lineage: refuse('lineage'),
    logHead: refuse('the head of the log'),
    logPosition: refuse('the end of the log'),
    affected: refuse('what is affected'),
    stats: refuse('what is stored'),
    dump: refuse('a dump'),
    check: refuse('a check'),
    indexProblems: refuse('a check'),
    schemaDifferences: refuse('a check'),
    governanceTexts: refuse('a check'),
    objects: (namespace, ids) => now.objects(namespace, ids),
    knows: (namespace, digests) => now.knows(namespace, digests),
    allObjects: () => now.allObjects(),
    objectColumns: () => now.objectColumns(),
    packs: () => now.packs(),
    artifactBlobs: (ids) => now.artifactBlobs(ids),
    outputs: (run) => now.outputs(run),
    tracedRuns: (steps, limit) => now.tracedRuns(steps, limit),
    ancestry: (request) => now.ancestry(request),
    artifacts: (ids) => artifacts.artifacts(ids),
    listArtifacts: (filter, page) => artifacts.list(filter, page),
    async productions(artifact, limit) {
      const rows = await now.productions(artifact);
      const entries = await now.runs(rows.map(({ run }) => run));
      const then = rows.filter((_, index) => entries[index] !== undefined && moment.had(entries[index]));
      return limit === undefined ? then : then.slice(0, limit);
    },
    async consumers(artifact, limit) {
      const then = (await runs(await now.consumers(artifact))).flatMap((run) => run?.id ?? []);
      return limit === undefined ? then : then.slice(0, limit);
    },
    runs,
    listRuns: (filter, page) =>
      pageWhere(
        (part) => now.listRuns(filter, part),
        async (rows) => (await runs(rows.map(({ id }) => id))).filter((run) => run !== undefined),
        page,
      ),
    ref: async (name) => (await nameAt(name))?.to,
    async refs(prefix) {
      const found: { name: RefName; target: RunId }[] = [];
      for (const name of await namesEver(prefix)) {
        const target = (await nameAt(name))?.to;
        if (target !== undefined) found.push({ name, target });
      }
      return found;
    },
    acceptedRefs: async (prefix) =>
      candidates.acceptedRefs(await namesEver(prefix.startsWith('accepted/') ? prefix : 'accepted/')),
    refLog: (name, page) =>
      pageWhere(
        (part) => now.refLog(name, part),
        async (rows) => rows.filter((row) => moment.had(row)),
        page,
      ),
    async event(id) {
      const event = await now.event(id);
      return event !== undefined && moment.had(event.record) ? event : undefined;
    },
    events: (filter: EventFilter, page: PageRequest) => now.events(until(filter), page),
    async actor(id) {
      const actor = await now.actor(id);
      return actor === undefined ? undefined : { ...actor, roles: await moment.rolesOf(id) };
    },
    async actors() {
      const added = new Set((await moment.events({ action: 'actor.add' })).map(({ record }) => record.subject.id));
      const then = (await now.actors()).filter(({ id }) => added.has(id));
      return Promise.all(then.map(async (actor) => ({ ...actor, roles: await moment.rolesOf(actor.id) })));
    },
    keys: async () => (await now.keys()).flatMap((key) => keyThen(moment, key) ?? []),
    key: async (fingerprint) => keyThen(moment, await now.key(fingerprint)),
    candidates: (ids) => candidates.candidates(ids),
    listCandidates: (filter, page) => candidates.list(filter, page),
    candidateActs: (id) => candidates.acts(id),
    async candidatesOn(ids) {
      const found = await now.candidatesOn(ids);
      return (await candidates.candidates(found)).flatMap((entry) => entry?.id ?? []);
    },
    reports: async (ids) => reportsThen(await now.reports(ids)),
    reportsOf: async (candidate, level) => (await now.reportsOf(candidate, level)).filter((row) => moment.had(row)),
    newestReport: async (candidate, level) => (await now.reportsOf(candidate, level)).find((row) => moment.had(row)),
    async approvals(report) {
      const then = (await now.approvals(report)).filter((row) => moment.had(row));
      return Promise.all(
        then.map(async (row) => ({
          ...row,
          rolesNow: await moment.rolesOf(row.actor),
          keyRevoked: keyThen(moment, await now.key(row.keyFingerprint))?.revoked !== undefined,
        })),
      );
    },
    activePolicy: async () => (await policiesThen(moment)).find(({ active }) => active),
    policies: () => policiesThen(moment),
    policy: async (id) => (await policiesThen(moment)).find((policy) => policy.id === id),
    holds: () => holdsThen(moment),
    async find(prefix, limit) {
      const found: Found[] = [];
      for (const one of await now.find(prefix, limit)) if (await existed(one)) found.push(one);
      return found;
    },
    close: () => now.close(),
  };

  async function existed({ kind, id }: Found): Promise<boolean> {
    if (kind === 'run') return had(id as RunId);
    if (kind === 'artifact') return artifacts.existed(id as never);
    if (kind === 'candidate') return (await candidates.candidates([id as never]))[0] !== undefined;
    if (kind === 'report') return reportsThen(await now.reports([id as never]))[0] !== undefined;
    if (kind === 'policy') return (await policiesThen(moment)).some((policy) => policy.id === id);
    if (kind !== 'event') return true;
    const event = await now.event(id as never);
    return event !== undefined && moment.had(event.record);
  }
}
