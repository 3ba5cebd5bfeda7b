/**
 * What statements say, by the URI of their predicate. Ours lie under one base, so that a fork changes one line; their fields
 * are in docs/predicates. Whether a key may say it is a matter of trust: verify/signatures/roles.ts.
 */
export const predicateBase = 'https://cairn.dev/attestation';

export const approvalPredicate = `${predicateBase}/approval/v1`;
/** Somebody is given a role or a key, or loses one: core/authority-statement.ts. */
export const authorityPredicate = `${predicateBase}/authority/v1`;
export const promotionPredicate = `${predicateBase}/promotion/v1`;
export const tombstonePredicate = `${predicateBase}/tombstone/v1`;
/** The contents of a bundle. */
export const bundlePredicate = `${predicateBase}/bundle/v1`;
/** How a run came to be: SLSA provenance. */
export const provenancePredicate = 'https://slsa.dev/provenance/v1';
/** The outcome of an evaluation: SLSA verification summary. */
export const summaryPredicate = 'https://slsa.dev/verification_summary/v1';
