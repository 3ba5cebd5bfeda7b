/**
 * The records and facts of one publication: a run with one output and no parents, which moves no ref.
 *
 * Records are made as canonical text without their schemas: requests were checked when they came in, and a pipeline makes
 * thousands of these a second.
 */
import { canonicalize } from '../../core/canonical-json.ts';
import type { ArtifactId, BlobId, PayloadId, PublicationId, RunId, RunKey, TreeId } from '../../core/ids.ts';
import { publicationId } from '../../core/publication.ts';
import { artifactText } from '../../core/records/artifact.ts';
import { payloadBytes } from '../../core/records/payload.ts';
import type { RunCode, RunInput, RunRecord } from '../../core/records/run.ts';
import { treeBytes } from '../../core/records/tree.ts';
import { type RunIdentity, runKey } from '../../core/run-key.ts';
import { seedVersion } from '../../core/seeds.ts';
import { formatTimestamp } from '../../core/time.ts';
import type { Fact, NamedArtifactRecord } from '../../ports/manifest.ts';
import { actorIdOf, artifactTagsFact, authorText, eventDraft, supersedeFact } from '../log/governance.ts';
import type { WriteSession } from '../objects/write-session.ts';
import type { Decision, Prepared } from './decide.ts';
import type { ResolvedInputs } from './inputs.ts';
import type { PublishContext, PublishRequest, PublishSettings } from './request.ts';

/** Parts of a run record as canonical text. */
interface MeaningText {
  readonly identityText: string;
  readonly inputsText: string;
  readonly codeText: string;
  readonly writerText: string;
}

/** What the run of a publication means, and by what it is recognised. */
export interface Meaning extends MeaningText {
  readonly identity: RunIdentity;
  readonly runKey: RunKey;
  readonly inputs: readonly RunInput[];
  readonly code: RunCode;
  readonly writer: { readonly name: string; readonly version: string };
  readonly publicationOf: (artifact: ArtifactId, blob: BlobId) => PublicationId;
}

export function identityOf(
  context: PublishContext,
  settings: PublishSettings,
  request: PublishRequest,
  { inputs, datasets }: ResolvedInputs,
): Meaning {
  const pins = { ...settings.pins, ...request.pins };
  const { researchSpecVersion, pipelineContractVersion } = pins;
  const identity: RunIdentity = {
    datasets,
    params: request.params,
    engineVersion: pins.engineVersion ?? '',
    configVersion: pins.configVersion ?? '',
    ...(researchSpecVersion === undefined ? {} : { researchSpecVersion }),
    ...(pipelineContractVersion === undefined ? {} : { pipelineContractVersion }),
    seedVersion,
    ...(request.external === undefined ? {} : { external: request.external }),
  };
  const key = runKey(identity, context.codec.sha256Hex);
  const code: RunCode = request.code ?? settings.code;
  const writer = request.writer ?? context.writer;
  return {
    identity,
    identityText: canonicalize(identity),
    inputsText: canonicalize(inputs),
    codeText: canonicalize(code),
    writerText: canonicalize(writer),
    runKey: key,
    inputs,
    code,
    writer,
    publicationOf: (artifact, blob) =>
      publicationId({ artifact, blob, runKey: key, inputs, writer, code, tags: request.tags }, context.codec.sha256Hex),
  };
}

/**
 * The canonical text of the run of a publication, written out because a pipeline makes thousands a second; a test holds it
 * equal to `canonicalize`. What many publications share, or is free in its form, was made canonical before.
 */
export function publicationRunText(
  run: RunRecord,
  { identityText, inputsText, codeText, writerText }: MeaningText,
): string {
  const contents = run.contents === undefined ? '' : `"contents":${JSON.stringify(run.contents)},`;
  return `{"actor":"${run.actor}","author":${canonicalize(run.author)},"code":${codeText},${contents}"createdAt":"${run.createdAt}","identity":${identityText},"inputs":${inputsText},"message":"${run.message}","metrics":{},"outputs":"${run.outputs}","parents":[],"plugins":[],"publication":"${run.publication}","relations":[],"removed":[],"runKey":"${run.runKey}","schema":"cairn.run/1","status":"succeeded","tags":{},"tree":"${run.tree}","writer":${writerText}}`;
}

/** What the facts of a publication need besides what was decided. */
interface Made extends Prepared {
  readonly meaning: Meaning;
  readonly contentBytes: Uint8Array | undefined;
  readonly specBytes: Uint8Array | undefined;
}

function artifactRecord({ request, hashed }: Prepared): NamedArtifactRecord['record'] {
  const { type, schemaVersion, logicalKey } = request;
  return {
    schema: 'cairn.artifact/1',
    type,
    schemaVersion,
    logicalKey,
    file: { sha256: hashed.blob, size: hashed.size },
  };
}

/** Tags that are not yet as asked for. */
function newTags({ prepared, tags }: Decision): { [name: string]: string } | undefined {
  const wanted = Object.entries(prepared.request.tags).filter(([name, value]) => tags[name] !== value);
  return wanted.length === 0 ? undefined : Object.fromEntries(wanted);
}

export function publicationFacts(
  context: PublishContext,
  session: WriteSession,
  decision: Decision,
  made: Made,
): { readonly run: RunId; readonly facts: Fact[] } {
  const { artifact, publication, fileName, supersedes } = decision;
  const { request, meaning, content, own, hashed } = made;
  const { type, schemaVersion, logicalKey } = request;
  const artifacts: NamedArtifactRecord[] = [];
  if (artifact === own) {
    session.record<ArtifactId>(artifactText(type, schemaVersion, logicalKey, hashed.blob, hashed.size));
    artifacts.push({ id: own, record: artifactRecord(made) });
  }
  if (made.specBytes !== undefined) session.record(made.specBytes);
  if (made.contentBytes !== undefined) session.record(made.contentBytes);
  const text = `publish ${type} ${logicalKey}`;
  const tree = session.record<TreeId>(treeBytes([{ name: fileName, artifact }]));
  const runRecord: RunRecord = {
    schema: 'cairn.run/1',
    runKey: meaning.runKey,
    identity: meaning.identity,
    parents: [],
    message: session.record<PayloadId>(payloadBytes({ text })),
    author: authorText(context.author),
    actor: actorIdOf(context.author),
    createdAt: formatTimestamp(context.clock.now()),
    inputs: meaning.inputs,
    outputs: tree,
    tree,
    removed: [],
    relations: [],
    code: meaning.code,
    writer: meaning.writer,
    plugins: [],
    ...(content === undefined ? {} : { contents: [content.id] }),
    publication,
    status: 'succeeded',
    tags: {},
    metrics: {},
  };
  const run = session.record<RunId>(publicationRunText(runRecord, meaning));
  const facts: Fact[] = [
    {
      kind: 'run',
      id: run,
      record: runRecord,
      message: text,
      outputs: [{ path: fileName, artifact }],
      artifacts,
      ...(content === undefined ? {} : { contents: [content] }),
      event: eventDraft(context, 'run.commit', { kind: 'run', id: run }),
    },
  ];
  const tags = newTags(decision);
  if (tags !== undefined) facts.push(artifactTagsFact(context, session, artifact, tags));
  if (supersedes !== undefined) facts.push(supersedeFact(context, session, supersedes, artifact, text));
  return { run, facts };
}
