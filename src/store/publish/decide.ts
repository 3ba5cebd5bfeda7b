/**
 * What each publication of a batch turns out to be: new, known by its bytes, known by its content, or said before. Facts
 * are asked of the manifest once for all; earlier requests of the batch count as done. What the answers rest on becomes
 * guards, so that the manifest refuses the batch when another process has changed one of them meanwhile.
 */
import { CodedError } from '../../core/errors.ts';
import { type ArtifactId, type PublicationId, type RunId, shortId } from '../../core/ids.ts';
import type { ArtifactEntry, ContentQuestion, Guard, NamedContentRecord } from '../../ports/manifest.ts';
import type { HashedFile } from './hash-files.ts';
import type { PublishContext, Published, PublishRequest } from './request.ts';

/** A request whose file was read. */
export interface Prepared {
  readonly index: number;
  readonly request: PublishRequest;
  readonly hashed: HashedFile;
  /** The artifact that these bytes are. */
  readonly own: ArtifactId;
  readonly content: NamedContentRecord | undefined;
  readonly notes: readonly string[];
  /** The id of this publication when `artifact` stands for it. */
  readonly publicationOf: (artifact: ArtifactId) => PublicationId;
}

export interface Decision {
  readonly prepared: Prepared;
  /** What stands for it: its own artifact, or one of the same content. */
  readonly artifact: ArtifactId;
  readonly mode: Published['mode'];
  readonly status: Published['status'];
  readonly publication: PublicationId;
  /** What the output is called in the run: the file's name, or that of the file whose bytes stand for it. */
  readonly fileName: string;
  /** The run that said the same before. */
  readonly repeats: RunId | { readonly earlier: Decision } | undefined;
  readonly supersedes: ArtifactId | undefined;
  /** Tags of the artifact that are already as asked for. */
  readonly tags: { readonly [name: string]: string };
}

export interface Decisions {
  readonly decisions: readonly Decision[];
  readonly refused: readonly { readonly index: number; readonly error: CodedError }[];
  readonly guards: readonly Guard[];
}

function questionOf({ request, content }: Prepared): ContentQuestion | undefined {
  if (content === undefined) return undefined;
  const { type, schemaVersion, logicalKey } = request;
  return { type, schemaVersion, logicalKey, spec: content.record.spec, sha256: content.record.sha256 };
}

function questionKey({ type, schemaVersion, logicalKey, spec, sha256 }: ContentQuestion): string {
  return `${spec} ${sha256} ${schemaVersion} ${type}\0${logicalKey}`;
}

function tombstoned({ request }: Prepared, entry: ArtifactEntry): CodedError {
  return new CodedError(
    'STATUS_CONFLICT',
    `${request.name} is artifact ${shortId(entry.id)}, which was withdrawn${entry.reason === undefined ? '' : `: ${entry.reason}`}`,
    {
      hint: `If it may be used again, \`cairn restore ${shortId(entry.id)} -m <reason>\` first.`,
      data: { artifact: entry.id, status: entry.status, path: request.name },
    },
  );
}

async function entriesOf(
  { manifest }: PublishContext,
  ids: readonly ArtifactId[],
): Promise<Map<ArtifactId, ArtifactEntry>> {
  const unique = [...new Set(ids)];
  const found = unique.length === 0 ? [] : await manifest.artifacts(unique);
  return new Map(found.flatMap((entry) => (entry === undefined ? [] : [[entry.id, entry] as const])));
}

/** What is known of type and key: which artifact is the newest active one. */
class Newest {
  readonly #context: PublishContext;
  readonly #known = new Map<string, ArtifactId[]>();

  constructor(context: PublishContext) {
    this.#context = context;
  }

  /** The newest active artifact that is not `artifact`, which takes its place. */
  async replace({ type, logicalKey }: PublishRequest, artifact: ArtifactId): Promise<ArtifactId | undefined> {
    const key = `${type}\0${logicalKey}`;
    let active = this.#known.get(key);
    if (active === undefined) {
      const filter = { type, logicalKey, status: 'active' } as const;
      const { rows } = await this.#context.manifest.listArtifacts(filter, { limit: 2 });
      active = rows.map(({ id }) => id);
    }
    const previous = active.find((id) => id !== artifact);
    this.#known.set(key, [artifact, ...active.filter((id) => id !== artifact && id !== previous)]);
    return previous;
  }
}

/** Name of the file that an artifact was made as. */
async function fileNameOf({ manifest }: PublishContext, artifact: ArtifactId): Promise<string | undefined> {
  const [made] = await manifest.productions(artifact, 1);
  return made?.path.slice(made.path.lastIndexOf('/') + 1);
}

export async function decide(context: PublishContext, all: readonly Prepared[]): Promise<Decisions> {
  const questions = new Map<string, ContentQuestion>();
  for (const prepared of all) {
    const question = questionOf(prepared);
    if (question !== undefined) questions.set(questionKey(question), question);
  }
  const answers = questions.size === 0 ? [] : await context.manifest.artifactsWithContent([...questions.values()]);
  const standing = new Map([...questions.keys()].map((key, index) => [key, answers[index]]));
  const entries = await entriesOf(context, [
    ...all.map(({ own }) => own),
    ...answers.filter((answer) => answer !== undefined),
  ]);

  /** What this batch makes, with the name of its file. */
  const made = new Map<ArtifactId, string>();
  const guards = new Map<string, Guard>();
  const refused: { index: number; error: CodedError }[] = [];
  const chosen: Omit<Decision, 'repeats' | 'supersedes'>[] = [];
  for (const prepared of all) {
    const question = questionOf(prepared);
    const key = question === undefined ? undefined : questionKey(question);
    let artifact = prepared.own;
    let mode: Published['mode'];
    if (entries.has(artifact) || made.has(artifact)) mode = 'file_hash';
    else if (question !== undefined && key !== undefined) {
      const same = standing.get(key);
      // One whose bytes were let go cannot stand for bytes that are here.
      if (same !== undefined && (made.has(same) || entries.get(same)?.absent === false)) {
        artifact = same;
        mode = 'content_hash';
      }
      if (!guards.has(key))
        guards.set(key, {
          kind: 'expect-content',
          question,
          artifact: entries.has(same as ArtifactId) ? same : undefined,
        });
    }
    const entry = entries.get(artifact);
    if (entry?.status === 'tombstoned') {
      refused.push({ index: prepared.index, error: tombstoned(prepared, entry) });
      continue;
    }
    const { fileName: own } = prepared.request;
    const fileName =
      mode === 'content_hash' ? (made.get(artifact) ?? (await fileNameOf(context, artifact)) ?? own) : own;
    if (!made.has(artifact)) made.set(artifact, fileName);
    if (key !== undefined && standing.get(key) === undefined) standing.set(key, artifact);
    const publication = prepared.publicationOf(artifact);
    const status = entry?.status ?? 'active';
    chosen.push({ prepared, artifact, mode, status, publication, fileName, tags: entry?.tags ?? {} });
  }

  const before =
    chosen.length === 0 ? [] : await context.manifest.publications(chosen.map(({ publication }) => publication));
  const newest = new Newest(context);
  const earlier = new Map<PublicationId, Decision>();
  const decisions: Decision[] = [];
  for (const [index, choice] of chosen.entries()) {
    const same = earlier.get(choice.publication);
    const repeats = before[index] ?? (same === undefined ? undefined : { earlier: same });
    const { request } = choice.prepared;
    const replaces = request.supersedePrevious && repeats === undefined && choice.status === 'active';
    const supersedes = replaces ? await newest.replace(request, choice.artifact) : undefined;
    const decision: Decision = { ...choice, repeats, supersedes };
    if (repeats === undefined) {
      earlier.set(choice.publication, decision);
      guards.set(choice.publication, { kind: 'expect-unpublished', publication: choice.publication });
    }
    decisions.push(decision);
  }
  return { decisions, refused, guards: [...guards.values()] };
}
