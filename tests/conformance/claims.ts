/**
 * A conformance suite is a list of claims about a port. Every adapter is held to all of them, and a defective adapter
 * must break the claim that is about its defect: a claim that cannot fail says nothing.
 */
import { describe, test } from 'vitest';

/** An adapter that a claim may use up, and how to clean up behind it. */
export interface Fixture {
  dispose(): Promise<void>;
}

export interface Claim<Subject extends Fixture> {
  readonly claim: string;
  readonly check: (subject: Subject) => Promise<void>;
}

export type Open<Subject extends Fixture> = () => Promise<Subject>;

async function run<Subject extends Fixture>(claim: Claim<Subject>, open: Open<Subject>): Promise<void> {
  const subject = await open();
  try {
    await claim.check(subject);
  } finally {
    await subject.dispose();
  }
}

/** Holds an adapter to every claim. */
export function describeConformance<Subject extends Fixture>(
  adapter: string,
  claims: readonly Claim<Subject>[],
  open: Open<Subject>,
): void {
  describe(adapter, () => {
    for (const claim of claims) test(claim.claim, () => run(claim, open));
  });
}

export interface Defect<Subject extends Fixture> {
  /** What the adapter does wrong. */
  readonly defect: string;
  readonly open: Open<Subject>;
  /** The claim that must break. */
  readonly breaks: string;
}

/** Shows for every defect that the claim about it is broken. */
export function describeDefects<Subject extends Fixture>(
  port: string,
  claims: readonly Claim<Subject>[],
  defects: readonly Defect<Subject>[],
): void {
  describe(`the ${port} suite can fail`, () => {
    for (const { defect, open, breaks } of defects) {
      test(`finds an adapter that ${defect}`, async () => {
        const claim = claims.find((candidate) => candidate.claim === breaks);
        if (claim === undefined) throw new Error(`there is no claim "${breaks}"`);
        const outcome = await run(claim, open).then(
          () => 'held',
          () => 'broken',
        );
        if (outcome === 'held') throw new Error(`"${breaks}" held for an adapter that ${defect}`);
      });
    }
  });
}
