/**
 * Artifacts as they stood at a moment. What an artifact is never changes; its status and its tags are what the events up to
 * then made of them. `absent` is of the present: bytes that were let go since cannot be had for the past either.
 */
import type { ArtifactId } from '../../core/ids.ts';
import type { EventAction, SealedEvent } from '../../core/records/event.ts';
import type { PayloadRecord } from '../../core/records/payload.ts';
import type { ArtifactEntry, ArtifactFilter, ArtifactStatus, Page, PageRequest } from '../../ports/manifest.ts';
import { type Moment, pageWhere } from './at-time-moment.ts';

/** What each act makes of the status; a tag leaves it. */
const statusBehind: { readonly [action in EventAction]?: ArtifactStatus } = {
  'artifact.supersede': 'superseded',
  'artifact.tombstone': 'tombstoned',
  'artifact.erase': 'tombstoned',
  'artifact.restore': 'active',
};
const actions: readonly EventAction[] = [...(Object.keys(statusBehind) as EventAction[]), 'artifact.tag'];

/** Up to here every artifact is asked for by itself, which an index answers; beyond, all such events are read once. */
const asked = 32;

export class PastArtifacts {
  readonly #moment: Moment;
  #all: Promise<Map<string, SealedEvent[]>> | undefined;

  constructor(moment: Moment) {
    this.#moment = moment;
  }

  async #everyEvent(): Promise<Map<string, SealedEvent[]>> {
    const bySubject = new Map<string, SealedEvent[]>();
    const lists = await Promise.all(actions.map((action) => this.#moment.events({ action })));
    for (const event of lists.flat().sort((left, right) => left.record.seq - right.record.seq)) {
      const known = bySubject.get(event.record.subject.id);
      if (known === undefined) bySubject.set(event.record.subject.id, [event]);
      else known.push(event);
    }
    return bySubject;
  }

  async #eventsOf(ids: readonly ArtifactId[]): Promise<Map<string, readonly SealedEvent[]>> {
    if (ids.length > asked) {
      this.#all ??= this.#everyEvent();
      return this.#all;
    }
    const found = new Map<string, readonly SealedEvent[]>();
    for (const id of new Set(ids)) found.set(id, await this.#moment.events({ subject: { kind: 'artifact', id } }));
    return found;
  }

  async artifacts(ids: readonly ArtifactId[]): Promise<(ArtifactEntry | undefined)[]> {
    const entries = await this.#moment.manifest.artifacts(ids);
    const events = await this.#eventsOf(ids);
    const payloads = await this.#moment.payloads(ids.flatMap((id) => events.get(id) ?? []));
    return entries.map((entry) =>
      entry === undefined ? undefined : replayed(entry, events.get(entry.id) ?? [], payloads),
    );
  }

  /** Of those that stood then, which were not active. */
  async inactive(ids: readonly ArtifactId[]): Promise<Map<ArtifactId, Exclude<ArtifactStatus, 'active'>>> {
    const events = await this.#eventsOf(ids);
    const found = new Map<ArtifactId, Exclude<ArtifactStatus, 'active'>>();
    for (const id of ids) {
      const status = statusOf(events.get(id) ?? []);
      if (status !== 'active') found.set(id, status);
    }
    return found;
  }

  /** Whether a run had made or used it. */
  async existed(id: ArtifactId): Promise<boolean> {
    const { manifest } = this.#moment;
    const runs = [...(await manifest.productions(id)).map(({ run }) => run), ...(await manifest.consumers(id))];
    return (await manifest.runs([...new Set(runs)])).some((run) => run !== undefined && this.#moment.had(run));
  }

  /** Never-produced artifacts are not listed: nothing says when they came. */
  list(filter: ArtifactFilter, page: PageRequest): Promise<Page<ArtifactEntry>> {
    const { status, tags, ...lasting } = filter;
    const { time, manifest } = this.#moment;
    const createdTo = filter.createdTo === undefined || filter.createdTo > time ? time : filter.createdTo;
    return pageWhere(
      (part) => manifest.listArtifacts({ ...lasting, createdTo }, part),
      async (rows) => {
        const kept: ArtifactEntry[] = [];
        for (const entry of await this.artifacts(rows.map(({ id }) => id))) {
          if (entry === undefined || (status !== undefined && entry.status !== status)) continue;
          if (Object.entries(tags ?? {}).some(([name, value]) => entry.tags[name] !== value)) continue;
          // A run has its time before its event is logged.
          if (await this.existed(entry.id)) kept.push(entry);
        }
        return kept;
      },
      page,
    );
  }
}

function statusOf(events: readonly SealedEvent[]): ArtifactStatus {
  const last = events.findLast(({ record }) => statusBehind[record.action] !== undefined);
  return last === undefined ? 'active' : (statusBehind[last.record.action] as ArtifactStatus);
}

function replayed(
  entry: ArtifactEntry,
  events: readonly SealedEvent[],
  payloads: ReadonlyMap<string, PayloadRecord>,
): ArtifactEntry {
  let status: ArtifactStatus = 'active';
  let reason: string | undefined;
  let supersededBy: ArtifactId | undefined;
  const tags = new Map<string, string>();
  for (const { record } of events) {
    const payload = record.payload === undefined ? undefined : payloads.get(record.payload);
    if (record.action === 'artifact.tag') {
      for (const [name, value] of Object.entries(payload?.values?.['tags'] ?? {})) {
        if (typeof value === 'string') tags.set(name, value);
        else tags.delete(name);
      }
      continue;
    }
    const behind = statusBehind[record.action];
    if (behind === undefined) continue;
    status = behind;
    reason = status === 'active' ? undefined : payload?.text;
    const by = payload?.values?.['by'];
    supersededBy = status === 'superseded' && typeof by === 'string' ? (by as ArtifactId) : undefined;
  }
  const sorted = [...tags].sort(([left], [right]) => (left < right ? -1 : 1));
  return { ...entry, status, reason, supersededBy, tags: Object.fromEntries(sorted) };
}
