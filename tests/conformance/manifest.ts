/** What every `Manifest` must do. The claims are grouped by topic in files of their own. */
import type { Claim } from './claims.ts';
import { contentClaims } from './manifest-contents.ts';
import { governanceClaims } from './manifest-governance.ts';
import { listClaims } from './manifest-lists.ts';
import { objectClaims } from './manifest-objects.ts';
import { questionClaims } from './manifest-questions.ts';
import { runClaims } from './manifest-runs.ts';
import type { ManifestFixture } from './manifest-sample.ts';
import { statusClaims } from './manifest-status.ts';
import { traceClaims } from './manifest-trace.ts';

export const manifestClaims: readonly Claim<ManifestFixture>[] = [
  ...objectClaims,
  ...runClaims,
  ...statusClaims,
  ...listClaims,
  ...questionClaims,
  ...contentClaims,
  ...governanceClaims,
  ...traceClaims,
];
