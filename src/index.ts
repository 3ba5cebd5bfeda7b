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
export { initStore, type InitOptions, type InitResult } from './app/init-store.ts';
export { Cairn, openCairn as openStore, type OpenLibraryOptions } from './app/library.ts';
export { CodedError, type ErrorCode, errorCodes, isCodedError } from './core/errors.ts';
export { canonicalBytes, canonicalize, type JsonValue, parseCanonical } from './core/canonical-json.ts';
export { runKey, type RunIdentity } from './core/run-key.ts';
export { seedRoot } from './core/seeds.ts';
