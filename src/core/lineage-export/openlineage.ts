/**
 * OpenLineage 2-0-2 RunEvents: a START and a COMPLETE or FAIL for every run, ready for one JSON document a line.
 *
 *   run.runId  UUIDv5 of `urn:cairn:run:<run instance id>`
 *   job        namespace `cairn://<store id>`, name = what the run is an execution of
 *   dataset    namespace as the job's, name = logical key, in front of it `<type>:` unless the type is `file`; the version
 *              facet holds the artifact id, so that versions of one dataset are one dataset
 *
 * Facets of the specification where there is one; what only cairn knows is in facets with the prefix `cairn_`. START names
 * the inputs; what came out is known at the end. An event is as large as its run: some consumers take only 5 MB.
 */
import type { JsonValue } from '../json-value.ts';
import {
  commandLine,
  failureText,
  type LineageArtifact,
  type LineageDocument,
  type LineageRun,
  remoteUrl,
  runTimes,
} from './lineage-document.ts';
import { runUuid } from './uuid.ts';

type Json = { [key: string]: JsonValue };

const specification = 'https://openlineage.io/spec';
const eventSchema = `${specification}/2-0-2/OpenLineage.json#/$defs/RunEvent`;
/** Versions of the facets as they stand beside 2-0-2. */
const facetVersions = {
  ProcessingEngineRunFacet: '1-1-1',
  ErrorMessageRunFacet: '1-0-1',
  JobTypeJobFacet: '2-0-4',
  SourceCodeLocationJobFacet: '1-1-0',
  DocumentationJobFacet: '1-1-0',
  DatasetVersionDatasetFacet: '1-0-1',
  DatasetTypeDatasetFacet: '1-0-1',
  OutputStatisticsOutputDatasetFacet: '1-0-2',
} as const;
type Facet = keyof typeof facetVersions;

class Exporter {
  readonly #document: LineageDocument;
  readonly #artifacts: ReadonlyMap<string, LineageArtifact>;
  readonly #producer: string;
  readonly #namespace: string;

  constructor(document: LineageDocument) {
    this.#document = document;
    this.#artifacts = new Map(document.artifacts.map((artifact) => [artifact.id, artifact]));
    const { name, version } = document.writer;
    this.#producer = `urn:cairn:writer:${encodeURIComponent(name)}:${encodeURIComponent(version)}`;
    this.#namespace = `cairn://${document.storeId}`;
  }

  #facet(name: Facet, fields: Json): Json {
    const schema = `${specification}/facets/${facetVersions[name]}/${name}.json#/$defs/${name}`;
    return { _producer: this.#producer, _schemaURL: schema, ...fields };
  }

  #ownFacet(name: string, fields: Json): Json {
    return { _producer: this.#producer, _schemaURL: `urn:cairn:schema:openlineage:${name}:1`, ...fields };
  }

  events(): Json[] {
    return this.#document.runs.flatMap((run) => {
      const { start, end } = runTimes(run);
      const shared = { producer: this.#producer, schemaURL: eventSchema, job: this.#job(run) };
      const inputs = this.#inputs(run);
      return [
        { ...shared, eventType: 'START', eventTime: start, run: this.#run(run, false), inputs, outputs: [] },
        {
          ...shared,
          eventType: run.status === 'succeeded' ? 'COMPLETE' : 'FAIL',
          eventTime: end,
          run: this.#run(run, true),
          inputs,
          outputs: this.#outputs(run),
        },
      ];
    });
  }

  #run(run: LineageRun, ended: boolean): Json {
    const { name, version } = this.#document.writer;
    const outcome: Json = {
      metrics: { ...run.metrics },
      ...(run.exitCode === undefined ? {} : { exitCode: run.exitCode }),
      ...(run.signal === undefined ? {} : { signal: run.signal }),
    };
    return {
      runId: runUuid(run.id),
      facets: {
        processing_engine: this.#facet('ProcessingEngineRunFacet', { name, version }),
        cairn_run: this.#ownFacet('run', {
          runInstanceId: run.id,
          runKey: run.runKey,
          params: { ...run.params },
          pins: { ...run.pins },
          author: run.author.name,
          relations: run.relations.map(({ run: other, relation }) => ({ run: other, relation })),
          ...(run.argv === undefined ? {} : { argv: [...run.argv] }),
          ...(run.code.gitCommit === undefined ? {} : { gitCommit: run.code.gitCommit }),
          ...(run.code.gitDirty === undefined ? {} : { gitDirty: run.code.gitDirty }),
          ...(ended ? outcome : {}),
        }),
        ...(ended && run.status === 'failed'
          ? {
              errorMessage: this.#facet('ErrorMessageRunFacet', {
                message: failureText(run),
                programmingLanguage: 'UNKNOWN',
              }),
            }
          : {}),
      },
    };
  }

  #job(run: LineageRun): Json {
    const { gitCommit, gitRemote } = run.code;
    const url = gitRemote === undefined ? undefined : remoteUrl(gitRemote);
    const description = run.message ?? commandLine(run);
    return {
      namespace: this.#namespace,
      name: run.job,
      facets: {
        jobType: this.#facet('JobTypeJobFacet', {
          processingType: 'BATCH',
          integration: 'CAIRN',
          jobType: run.argv === undefined ? 'COMMIT' : 'COMMAND',
        }),
        ...(description === undefined
          ? {}
          : { documentation: this.#facet('DocumentationJobFacet', { description, contentType: 'text/plain' }) }),
        ...(url === undefined || gitRemote === undefined || gitCommit === undefined
          ? {}
          : {
              sourceCodeLocation: this.#facet('SourceCodeLocationJobFacet', {
                type: 'git',
                url: encodeURI(url).replaceAll('%25', '%'),
                repoUrl: gitRemote,
                version: gitCommit,
              }),
            }),
      },
    };
  }

  /** An artifact that the document does not list still has its id. */
  #dataset(id: string): Json {
    const artifact = this.#artifacts.get(id);
    const known: Json =
      artifact === undefined
        ? {}
        : {
            type: artifact.type,
            schemaVersion: artifact.schemaVersion,
            logicalKey: artifact.logicalKey,
            sha256: artifact.sha256,
            size: artifact.size,
          };
    return {
      namespace: this.#namespace,
      name: artifact === undefined ? id : datasetName(artifact),
      facets: {
        version: this.#facet('DatasetVersionDatasetFacet', { datasetVersion: id }),
        datasetType: this.#facet('DatasetTypeDatasetFacet', { datasetType: 'FILE' }),
        cairn_artifact: this.#ownFacet('artifact', { artifactId: id, ...known }),
      },
    };
  }

  /** An artifact that is an input in two relations is one dataset. */
  #inputs(run: LineageRun): Json[] {
    const relations = new Map<string, string[]>();
    for (const { artifact, relation } of run.inputs) {
      relations.set(artifact, [...(relations.get(artifact) ?? []), relation]);
    }
    return [...relations].map(([id, names]) => ({
      ...this.#dataset(id),
      inputFacets: { cairn_input: this.#ownFacet('input', { relations: names }) },
    }));
  }

  #outputs(run: LineageRun): Json[] {
    const paths = new Map<string, string[]>();
    for (const { artifact, path } of run.outputs) paths.set(artifact, [...(paths.get(artifact) ?? []), path]);
    return [...paths].map(([id, places]) => {
      const size = this.#artifacts.get(id)?.size;
      return {
        ...this.#dataset(id),
        outputFacets: {
          outputStatistics: this.#facet('OutputStatisticsOutputDatasetFacet', {
            ...(size === undefined ? {} : { size }),
            fileCount: places.length,
          }),
          cairn_output: this.#ownFacet('output', { paths: places }),
        },
      };
    });
  }
}

function datasetName({ type, logicalKey }: LineageArtifact): string {
  return type === 'file' ? logicalKey : `${type}:${logicalKey}`;
}

/** The events, run by run. */
export function toOpenLineage(document: LineageDocument): Json[] {
  return new Exporter(document).events();
}
