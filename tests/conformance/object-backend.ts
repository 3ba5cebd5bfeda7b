/** What every `ObjectBackend` must do. */
import type { Claim } from './claims.ts';
import type { BackendFixture } from './object-backend-fixture.ts';
import { readingClaims } from './object-backend-reading.ts';
import { writingClaims } from './object-backend-writing.ts';

export type { BackendFixture };

export const objectBackendClaims: readonly Claim<BackendFixture>[] = [...writingClaims, ...readingClaims];
