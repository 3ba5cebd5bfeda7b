/**
 * A store on the disk in which a signal was accepted, step by step through the use cases: a day an hour, the clock fixed at each
 * step. Two people: Ada, who makes the store and the signal, and Bob, who approves.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { auditContext } from '../../../../src/app/audit-ports.ts';
import { initStore } from '../../../../src/app/init-store.ts';
import { type OpenWorkspace, openWorkspace } from '../../../../src/app/open-store.ts';
import { type OpenSigning, openSigning } from '../../../../src/app/signing.ts';
import { silentProgress } from '../../../../src/app/silent-progress.ts';
import type { ArtifactId, CandidateId, ReportId, RunId } from '../../../../src/core/ids.ts';
import { parseTimestamp, type Timestamp } from '../../../../src/core/time.ts';
import { readPolicy } from '../../../../src/store/governance/active-policy.ts';
import { addActor, findActor } from '../../../../src/store/governance/actors.ts';
import { approveReport } from '../../../../src/store/governance/approve.ts';
import { type AuditResult, auditStore } from '../../../../src/store/governance/audit.ts';
import { createCandidate } from '../../../../src/store/governance/candidates.ts';
import { evaluateCandidate } from '../../../../src/store/governance/evaluate.ts';
import { generateKey } from '../../../../src/store/governance/keys.ts';
import { activatePolicy } from '../../../../src/store/governance/policies.ts';
import { promoteCandidate } from '../../../../src/store/governance/promote.ts';
import { commitRun } from '../../../../src/store/runs/commit.ts';
import { resolveArtifact } from '../../../../src/store/runs/revision.ts';
import { addPaths } from '../../../../src/store/workspace/add.ts';

const policy = `name: plain
version: "1"
levels:
  accepted:
    approvals:
      - { role: approver, count: 1 }
`;

/** The hour of a step. */
export const hour = (count: number): Timestamp => parseTimestamp(`2026-01-01T${String(count).padStart(2, '0')}:00:00Z`);

const temporary = (): string => mkdtempSync(join(tmpdir(), 'cairn-accepted-'));

export const ada = 'Ada Lovelace <ada@example.org>';
export const bob = 'Bob Noyce <bob@example.org>';

/** Everything that is named by a test. */
export class Signal {
  root: string;
  candidate = '' as CandidateId;
  /** Another candidate of the same run, still exploratory. */
  other = '' as CandidateId;
  report = '' as ReportId;
  prices = '' as RunId;
  signals = '' as RunId;
  bundle = '' as ArtifactId;

  constructor(root: string) {
    this.root = root;
  }

  env(count: number, author = ada): { readonly [name: string]: string } {
    return { PATH: '/usr/bin:/bin', CAIRN_AUTHOR: author, CAIRN_DETERMINISTIC_TIME: hour(count) };
  }

  /** Opens the store at an hour of the day. */
  async at<Result>(count: number, work: (store: OpenWorkspace) => Promise<Result>, author = ada): Promise<Result> {
    const store = await openWorkspace({ cwd: this.root, env: this.env(count, author), progress: silentProgress });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  signing<Result>(count: number, author: string, work: (store: OpenSigning) => Promise<Result>): Promise<Result> {
    return this.at(count, (store) => work(openSigning(store, this.env(count, author))), author);
  }

  commit(
    count: number,
    message: string,
    files: { readonly [path: string]: string },
    inputs: readonly string[] = [],
  ): Promise<RunId> {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    }
    return this.at(count, async (store) => {
      await addPaths(store, Object.keys(files));
      return (await commitRun(store, { message, inputs, engineVersion: '1.0', configVersion: '7' })).runInstanceId;
    });
  }

  /** The same store in another place, gone when the test ends. */
  copy(): Signal {
    const copy = Object.assign(new Signal(''), this, { root: temporary() });
    onTestFinished(() => copy.remove());
    cpSync(this.root, copy.root, { recursive: true });
    return copy;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  audit(count = 20): Promise<AuditResult> {
    return this.at(count, (store) => auditStore(auditContext(store)));
  }
}

/** Accepted at 10:00 as accepted/momentum-h20. The caller removes it. */
export async function anAcceptedSignal(): Promise<Signal> {
  const signal = new Signal(temporary());
  await initStore({ cwd: signal.root, env: signal.env(0), progress: silentProgress });
  await signal.signing(1, ada, async (store) => {
    await addActor(store, { name: 'Bob Noyce', mail: 'bob@example.org' }, ['approver']);
    const actor = await findActor(store, 'bob@example.org');
    await generateKey(store, { actor, newPassphrase: async () => undefined });
  });
  signal.prices = await signal.commit(2, 'prices', { 'prices.csv': 'day,price\n1,10\n2,11\n' });
  signal.signals = await signal.commit(
    3,
    'signals',
    { 'signals.csv': 'day,signal\n1,0.5\n', 'bundle.json': '{"signal_name":"momentum"}\n' },
    ['HEAD:prices.csv'],
  );
  await signal.at(4, async (store) => activatePolicy(store, await readPolicy(store, policy, 'policy.yaml')));
  await signal.at(5, async (store) => {
    signal.bundle = await resolveArtifact(store, 'HEAD:bundle.json');
    const evidence = [{ role: 'validation_bundle', rev: 'HEAD:bundle.json' }];
    const { candidate } = await createCandidate(store, { run: 'HEAD', signal: 'momentum', horizon: 20, evidence });
    signal.candidate = candidate.id;
    await evaluateCandidate(store, candidate.id, { level: 'candidate' });
  });
  await signal.at(6, (store) => promoteCandidate(store, signal.candidate, { to: 'candidate' }));
  await signal.at(8, async (store) => {
    const { report } = await evaluateCandidate(store, signal.candidate, { level: 'accepted' });
    signal.report = report.id;
  });
  await signal.signing(9, bob, (store) => approveReport(store, signal.report));
  await signal.at(10, (store) => promoteCandidate(store, signal.candidate, { to: 'accepted' }));
  await signal.at(11, async (store) => {
    const claim = {
      run: 'HEAD',
      signal: 'reversal',
      horizon: 5,
      evidence: [{ role: 'validation_bundle', rev: 'HEAD:bundle.json' }],
    };
    signal.other = (await createCandidate(store, claim)).candidate.id;
  });
  return signal;
}
