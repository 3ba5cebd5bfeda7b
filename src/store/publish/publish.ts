/**
 * `publish`: files become artifacts with their lineage, many at once. A batch has one write session, one durability
 * barrier and one transaction; what it recognises is decided inside that transaction, so that any number of processes
 * agree. A request that fails does so alone.
 */
import { type CodedError, isCodedError } from '../../core/errors.ts';
import type { RunId } from '../../core/ids.ts';
import type { Fact, NamedContentRecord } from '../../ports/manifest.ts';
import type { HeldLock } from '../../ports/store-lock.ts';
import { ensureActor } from '../log/governance.ts';
import { WriteSession, writing } from '../objects/write-session.ts';
import { type Decision, type Decisions, decide, type Prepared } from './decide.ts';
import { type Failures, prepare, type Ready } from './prepare.ts';
import { publicationFacts } from './record-publication.ts';
import type { PublishContext, Published, PublishOutcome, PublishRequest, PublishSettings } from './request.ts';
import { storeFiles, tryAgain } from './store-files.ts';

/** Attempts without a turn; from then on the publishers of one store go one after another. */
const freeAttempts = 2;
/** A batch that is refused this often is refused for another reason than a race. */
const attemptLimit = 20;

/** Stores what the decisions need and was not stored by an earlier attempt. */
async function storeNeeded(
  context: PublishContext,
  session: WriteSession,
  decisions: readonly Decision[],
  stored: Set<Prepared>,
): Promise<Map<PublishRequest, unknown>> {
  const files = decisions
    .filter(({ prepared, artifact, repeats }) => repeats === undefined && artifact === prepared.own)
    .map(({ prepared }) => prepared)
    .filter((prepared) => !stored.has(prepared));
  for (const file of files) stored.add(file);
  return files.length === 0 ? new Map() : storeFiles(context, session, files);
}

/** Decisions whose bytes are stored. What fails is taken out, and then the others may turn out to be something else. */
async function decideAndStore(
  context: PublishContext,
  session: WriteSession,
  ready: readonly Ready[],
  stored: Set<Prepared>,
  failures: Failures,
): Promise<Decisions> {
  for (;;) {
    const decided = await decide(
      context,
      ready.filter(({ index }) => !failures.has(index)),
    );
    for (const { index, error } of decided.refused) failures.set(index, error);
    const failed = await storeNeeded(context, session, decided.decisions, stored);
    if (failed.size === 0) return decided;
    for (const { index, request } of ready) if (failed.has(request)) failures.set(index, failed.get(request));
  }
}

function publishedOf(decision: Decision, runs: ReadonlyMap<Decision, RunId>): Published {
  const { prepared, artifact, mode, status, repeats, supersedes } = decision;
  const run =
    repeats === undefined ? runs.get(decision) : typeof repeats === 'string' ? repeats : runs.get(repeats.earlier);
  const content: NamedContentRecord['record'] | undefined = prepared.content?.record;
  return {
    artifact,
    mode: mode ?? (repeats === undefined ? undefined : 'file_hash'),
    status,
    run: run as RunId,
    repeated: repeats !== undefined,
    superseded: supersedes,
    blob: prepared.hashed.blob,
    content: content === undefined ? undefined : { sha256: content.sha256, rows: content.rows },
    notes:
      status === 'superseded'
        ? [...prepared.notes, 'the artifact is superseded: another one replaces it']
        : prepared.notes,
  };
}

function isRace(error: unknown, decided: Decisions): boolean {
  if (isCodedError(error, 'PUBLICATION_MOVED')) return true;
  // What was to be superseded was superseded by another process meanwhile.
  return isCodedError(error, 'STATUS_CONFLICT') && decided.decisions.some(({ supersedes }) => supersedes !== undefined);
}

async function record(
  context: PublishContext,
  first: WriteSession,
  ready: readonly Ready[],
  failures: Failures,
): Promise<Map<number, Published>> {
  let session = first;
  let turn: HeldLock | undefined;
  let facts: Fact[] = [];
  const stored = new Set<Prepared>();
  try {
    for (let attempt = 1; ; attempt++) {
      const decided = await decideAndStore(context, session, ready, stored, failures);
      const runs = new Map<Decision, RunId>();
      const own = decided.decisions
        .filter(({ repeats }) => repeats === undefined)
        .flatMap((decision) => {
          const { run, facts: made } = publicationFacts(context, session, decision, decision.prepared as Ready);
          runs.set(decision, run);
          return made;
        });
      if (own.length > 0) {
        const actor = await ensureActor(context, session);
        facts = [...facts, ...(await session.settle())];
        try {
          await context.manifest.apply({
            guards: decided.guards,
            facts: [...facts, ...actor, ...own],
            nowMs: context.clock.now(),
            clock: context.clock.kind,
          });
        } catch (error) {
          if (!isRace(error, decided) || attempt === attemptLimit) throw error;
          if (attempt >= freeAttempts) turn ??= await context.lock.turn('publish');
          session = new WriteSession(context);
          continue;
        }
      }
      return new Map(decided.decisions.map((decision) => [decision.prepared.index, publishedOf(decision, runs)]));
    }
  } finally {
    await turn?.release();
  }
}

/** Failures of one request that took the whole batch with it. */
function mayBeOfOne(error: unknown): error is CodedError {
  return isCodedError(error) && (error.kind === 'usage' || error.kind === 'conflict' || error.kind === 'not-found');
}

/** Publishes, in order; the answer to a request that failed is its error. Rejects when the store itself cannot be written. */
export async function publishBatch(
  context: PublishContext,
  settings: PublishSettings,
  requests: readonly PublishRequest[],
): Promise<PublishOutcome[]> {
  const failures: Failures = new Map();
  try {
    const published = await writing(context, 'publish', async (session) => {
      const ready = await prepare(context, settings, requests, failures);
      return record(context, session, ready, failures);
    });
    const outcomes = requests.map((_, index): PublishOutcome => {
      const done = published.get(index);
      return done === undefined ? { error: failures.get(index) } : { published: done };
    });
    for (const [index, outcome] of outcomes.entries()) {
      if (!('error' in outcome) || outcome.error !== tryAgain) continue;
      const alone = await publishBatch(context, settings, [requests[index] as PublishRequest]);
      outcomes[index] = alone[0] as PublishOutcome;
    }
    return outcomes;
  } catch (error) {
    if (!mayBeOfOne(error)) throw error;
    if (requests.length === 1) return [{ error }];
    const outcomes: PublishOutcome[] = [];
    for (const request of requests) outcomes.push(...(await publishBatch(context, settings, [request])));
    return outcomes;
  }
}
