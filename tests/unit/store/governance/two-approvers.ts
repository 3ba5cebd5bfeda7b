/** A store with a report that passed and asks for two approvals, and people with keys of their own, each in a file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { initStore } from '../../../../src/app/init-store.ts';
import { type OpenWorkspace, openWorkspace } from '../../../../src/app/open-store.ts';
import { type OpenSigning, openSigning, type SigningOptions } from '../../../../src/app/signing.ts';
import { silentProgress } from '../../../../src/app/silent-progress.ts';
import type { CandidateId, ReportId } from '../../../../src/core/ids.ts';
import { readPolicy } from '../../../../src/store/governance/active-policy.ts';
import { addActor, findActor } from '../../../../src/store/governance/actors.ts';
import { createCandidate } from '../../../../src/store/governance/candidates.ts';
import { evaluateCandidate } from '../../../../src/store/governance/evaluate.ts';
import { generateKey } from '../../../../src/store/governance/keys.ts';
import { activatePolicy } from '../../../../src/store/governance/policies.ts';
import { commitRun } from '../../../../src/store/runs/commit.ts';
import { addPaths } from '../../../../src/store/workspace/add.ts';

export const ada = 'Ada Lovelace <ada@example.org>';
export const ben = 'Ben Noyce <ben@example.org>';
export const cleo = 'Cleo Moore <cleo@example.org>';
export const dora = 'Dora Hall <dora@example.org>';

const policy = `name: two
version: "1"
levels:
  candidate:
    approvals:
      - { role: approver, count: 2 }
`;

export class Study {
  readonly root = mkdtempSync(join(tmpdir(), 'cairn-approve-'));
  candidate = '' as CandidateId;
  report = '' as ReportId;
  readonly env: { [name: string]: string } = { PATH: process.env['PATH'] ?? '' };

  async open<Result>(author: string, work: (store: OpenWorkspace) => Promise<Result>): Promise<Result> {
    const env = { ...this.env, CAIRN_AUTHOR: author };
    const store = await openWorkspace({ cwd: this.root, env, progress: silentProgress });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  as<Result>(
    author: string,
    work: (store: OpenSigning) => Promise<Result>,
    options: SigningOptions = {},
  ): Promise<Result> {
    return this.open(author, (store) => work(openSigning(store, { ...this.env, CAIRN_AUTHOR: author }, options)));
  }

  /** A key that is made and bound by Ada, in keys/ under this name. */
  key(owner: string, name: string): Promise<string> {
    return this.as(
      ada,
      async (store) => {
        const actor = await findActor(store, owner);
        return (await generateKey(store, { actor, name, newPassphrase: async () => undefined })).key.fingerprint;
      },
      { key: 'ada@example.org' },
    );
  }

  /** Roles of somebody new. */
  async person(person: string, ...roles: string[]): Promise<void> {
    const [, name = '', mail = ''] = /^(.*) <(.*)>$/.exec(person) ?? [];
    await this.as(ada, (store) => addActor(store, { name, mail }, roles));
  }

  async evaluate(by = ada): Promise<ReportId> {
    const { report } = await this.open(by, (store) => evaluateCandidate(store, this.candidate, { level: 'candidate' }));
    return report.id;
  }

  events(): Promise<number> {
    return this.open(ada, async (store) => (await store.manifest.logHead()).size);
  }
}

/** Ada made and ran it; Ben and Cleo may approve and have a key each; Dora may approve and produced nothing. */
export async function aStudy(): Promise<Study> {
  const study = new Study();
  onTestFinished(() => rmSync(study.root, { recursive: true, force: true }));
  await initStore({ cwd: study.root, env: { ...study.env, CAIRN_AUTHOR: ada }, progress: silentProgress });
  await study.person(ben, 'approver');
  await study.person(cleo, 'approver');
  await study.key(ben, 'ben');
  await study.key(cleo, 'cleo');
  writeFileSync(join(study.root, 'prices.csv'), 'day,price\n1,10\n');
  await study.open(ada, async (store) => {
    await addPaths(store, ['prices.csv']);
    await commitRun(store, { message: 'prices', engineVersion: '1.0', configVersion: '7' });
    writeFileSync(join(study.root, 'signals.csv'), 'day,signal\n1,0.5\n');
    await addPaths(store, ['signals.csv']);
    const inputs = ['HEAD:prices.csv'];
    await commitRun(store, { message: 'signals', inputs, engineVersion: '1.0', configVersion: '7' });
    await activatePolicy(store, await readPolicy(store, policy, 'policy.yaml'));
    const created = await createCandidate(store, { run: 'HEAD', signal: 'momentum', horizon: 20, evidence: [] });
    study.candidate = created.candidate.id;
  });
  study.report = await study.evaluate();
  return study;
}
