/**
 * What programs ask to have published, checked at the edge. Everything that a record will hold is checked here, since
 * records of publications are made without their schemas. Written out instead of a schema, because `publish` starts for
 * one file and a schema costs start-up, and because a pipeline asks thousands of times a second.
 */

import { basename } from 'node:path';
import type { JsonValue } from '../core/canonical-json.ts';
import { CodedError } from '../core/errors.ts';
import { entryName } from '../core/names.ts';
import type { PublishRequest } from '../store/publish/request.ts';

export interface PublishArtifactRequest {
  /** What kind of thing it is. */
  readonly artifactType: string;
  /** Version of the type; 1 when left out. */
  readonly schemaVersion?: number | undefined;
  /** What it is called by those who look for it. */
  readonly logicalKey: string;
  /** The file; relative to the directory that the store was opened for. */
  readonly dataPath: string;
  /** Tags of the artifact. */
  readonly tags?: { readonly [name: string]: string } | undefined;
  /** What it was made from; `<relation>=<id>` for a relation other than `derived_from`. */
  readonly inputArtifactIds?: readonly string[] | undefined;
  /** The program that made it; cairn itself when left out. */
  readonly writerName?: string | undefined;
  readonly writerVersion?: string | undefined;
  /** State of the code; asked of git around the workspace when left out. */
  readonly gitCommit?: string | undefined;
  readonly gitDirty?: boolean | undefined;
  /** Parameters, part of the run key. */
  readonly params?: { readonly [name: string]: JsonValue } | undefined;
  /** File name in the run, and where the format is seen from. */
  readonly filenameHint?: string | undefined;
  readonly engineVersion?: string | undefined;
  readonly configVersion?: string | undefined;
  readonly researchSpecVersion?: string | undefined;
  readonly pipelineContractVersion?: string | undefined;
  readonly externalRunKey?: string | undefined;
  readonly externalDatasetId?: string | undefined;
  /** The newest other active artifact of this type and key is superseded by this one. */
  readonly supersedePrevious?: boolean | undefined;
  /** Write `<dataPath>.cairn.json`: what the artifact is and how it came to be. */
  readonly sidecar?: boolean | undefined;
}

/** What a value must be; undefined when it is. */
type Check = (value: unknown) => string | undefined;

const longestText = 4096;

const wellFormed: Check = (value) =>
  typeof value !== 'string' ? 'must be a text' : value.isWellFormed() ? undefined : 'holds a lone surrogate';
const text: Check = (value) => {
  const fault = wellFormed(value);
  if (fault !== undefined) return fault;
  const { length } = value as string;
  if (length === 0) return 'must not be empty';
  return length > longestText ? `is longer than ${longestText} characters` : undefined;
};
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const version: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 1 ? undefined : 'must be a whole number from 1';
const commitId: Check = (value) =>
  typeof value === 'string' && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value)
    ? undefined
    : 'must be a whole commit id: 40 or 64 hexadecimal digits';
const texts: Check = (value) => {
  if (!Array.isArray(value)) return 'must be a list of texts';
  return value.map(text).find((fault) => fault !== undefined);
};
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const tagTexts: Check = (value) => {
  if (!isObject(value)) return 'must be an object of texts';
  for (const [name, tag] of Object.entries(value)) {
    const fault = text(name) ?? wellFormed(tag);
    if (fault !== undefined) return `${JSON.stringify(name)} ${fault}`;
  }
  return undefined;
};
const parameters: Check = (value) => (isObject(value) ? undefined : 'must be an object');
const pathText: Check = (value) => text(value) ?? ((value as string).includes('\0') ? 'holds a NUL' : undefined);

const checks: { readonly [Name in keyof PublishArtifactRequest]-?: Check } = {
  artifactType: text,
  schemaVersion: version,
  logicalKey: text,
  dataPath: pathText,
  tags: tagTexts,
  inputArtifactIds: texts,
  writerName: text,
  writerVersion: text,
  gitCommit: commitId,
  gitDirty: flag,
  params: parameters,
  filenameHint: text,
  engineVersion: wellFormed,
  configVersion: wellFormed,
  researchSpecVersion: wellFormed,
  pipelineContractVersion: wellFormed,
  externalRunKey: text,
  externalDatasetId: text,
  supersedePrevious: flag,
  sidecar: flag,
};
const needed = ['artifactType', 'logicalKey', 'dataPath'] as const;

function refuse(field: string, fault: string): CodedError {
  return new CodedError('BAD_ARGUMENT', `the publication: ${field} ${fault}`, {
    hint: 'docs/guides/pipelines.md lists the fields.',
    data: { argument: field },
  });
}

/** Throws BAD_ARGUMENT. */
export function parsePublishRequest(value: unknown): PublishArtifactRequest {
  if (!isObject(value)) throw new CodedError('BAD_ARGUMENT', 'the publication is no object');
  const fields = value as { readonly [name: string]: unknown };
  for (const [name, member] of Object.entries(fields)) {
    const check = Object.hasOwn(checks, name) ? checks[name as keyof PublishArtifactRequest] : undefined;
    if (check === undefined) throw refuse(name, 'is no field of it');
    const fault = member === undefined ? undefined : check(member);
    if (fault !== undefined) throw refuse(name, fault);
  }
  for (const name of needed) if (fields[name] === undefined) throw refuse(name, 'is missing');
  if ((fields['writerName'] === undefined) !== (fields['writerVersion'] === undefined)) {
    const missing = fields['writerName'] === undefined ? 'writerName' : 'writerVersion';
    throw refuse(missing, 'is missing: the name and version of a writer go together');
  }
  return value as PublishArtifactRequest;
}

/** The same for the use case: `path` is absolute, `workspacePath` where it lies in a workspace. Throws BAD_PATH. */
export function toPublishRequest(
  request: PublishArtifactRequest,
  path: string,
  workspacePath: string | undefined,
): PublishRequest {
  const { writerName, writerVersion, gitCommit, gitDirty, externalRunKey, externalDatasetId } = request;
  const { engineVersion, configVersion, researchSpecVersion, pipelineContractVersion } = request;
  return {
    type: request.artifactType,
    schemaVersion: request.schemaVersion ?? 1,
    logicalKey: request.logicalKey,
    path,
    name: request.dataPath,
    workspacePath,
    fileName: entryName(request.filenameHint ?? basename(path)),
    tags: request.tags ?? {},
    inputs: request.inputArtifactIds ?? [],
    params: request.params ?? {},
    pins: {
      ...(engineVersion === undefined ? {} : { engineVersion }),
      ...(configVersion === undefined ? {} : { configVersion }),
      ...(researchSpecVersion === undefined ? {} : { researchSpecVersion }),
      ...(pipelineContractVersion === undefined ? {} : { pipelineContractVersion }),
    },
    external:
      externalRunKey === undefined && externalDatasetId === undefined
        ? undefined
        : {
            ...(externalRunKey === undefined ? {} : { runKey: externalRunKey }),
            ...(externalDatasetId === undefined ? {} : { datasetIdV2: externalDatasetId }),
          },
    writer:
      writerName === undefined || writerVersion === undefined
        ? undefined
        : { name: writerName, version: writerVersion },
    code:
      gitCommit === undefined && gitDirty === undefined
        ? undefined
        : { ...(gitCommit === undefined ? {} : { gitCommit }), ...(gitDirty === undefined ? {} : { gitDirty }) },
    supersedePrevious: request.supersedePrevious === true,
  };
}
