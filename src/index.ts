/**
 * cairn for programs.
 *
 *     import { initStore, openStore } from 'cairn';
 *     const store = await openStore({ directory: 'research' });
 *     await store.add(['signal.csv']);
 *     const run = await store.commit({ message: 'momentum 12-1', params: { window: 12 } });
 *     console.log(run.runKey);
 *     await store.close();
 */

export { type InitOptions, type InitResult, initStore } from './app/init-store.ts';
export { Cairn, type OpenLibraryOptions, openCairn as openStore } from './app/library.ts';
export type { PublishArtifactRequest } from './app/publish-request.ts';
export type { PublishArtifactResult, PublishError } from './app/publish-result.ts';
export { canonicalBytes, canonicalize, type JsonValue, parseCanonical } from './core/canonical-json.ts';
export { CodedError, type ErrorCode, errorCodes, isCodedError } from './core/errors.ts';
export { type RunIdentity, runKey } from './core/run-key.ts';
export { seedRoot } from './core/seeds.ts';
export type { Artifact, ArtifactFilter, ArtifactLineage, ArtifactPage } from './store/publish/artifact.ts';
