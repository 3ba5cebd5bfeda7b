/**
 * The log against the manifest: the chain of events line by line, and the root of the Merkle tree (RFC 6962) over the leaf
 * hashes that the manifest has, against the one over the lines themselves.
 */
import { concatBytes, equalBytes, toHex } from '../../core/bytes.ts';
import { emptyRoot, type Hash, merkleNode } from '../../core/merkle.ts';
import type { EventEntry, Manifest } from '../../ports/manifest.ts';
import { checkLog } from '../upkeep/check-log.ts';
import type { AuditContext } from './audit-context.ts';
import { type AuditCheck, Findings, verdict } from './audit-finding.ts';

/** Every event of the manifest in its order. */
async function* manifestEvents(manifest: Manifest): AsyncGenerator<EventEntry['event']> {
  let cursor: string | undefined;
  do {
    const page = await manifest.events({ ascending: true }, { limit: 1000, cursor });
    for (const { event } of page.rows) yield event;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

export async function auditLog(context: AuditContext): Promise<AuditCheck> {
  const findings = new Findings();
  const { events, problems } = await checkLog(context);
  for (const problem of problems) {
    let since: EventEntry['event']['record']['timestamp'] | undefined;
    for await (const { record } of manifestEvents(context.manifest)) {
      if (record.seq > events) break;
      since = record.timestamp;
    }
    findings.add(`event ${events + 1}`, problem, since);
  }
  return verdict('log', findings, `${events} events, each naming the one before, are those of the manifest`);
}

/** A tree that grows leaf by leaf and keeps only its edge. */
class GrowingTree {
  readonly #edge: { readonly node: Uint8Array; readonly leaves: number }[] = [];
  readonly #hash: Hash;
  size = 0;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  add(leaf: Uint8Array): void {
    let last = { node: leaf, leaves: 1 };
    while (this.#edge.at(-1)?.leaves === last.leaves) {
      const left = this.#edge.pop() as typeof last;
      last = { node: merkleNode(left.node, last.node, this.#hash), leaves: 2 * last.leaves };
    }
    this.#edge.push(last);
    this.size++;
  }

  root(): Uint8Array {
    const nodes = this.#edge.map(({ node }) => node);
    return nodes.length === 0 ? emptyRoot() : nodes.reduceRight((right, left) => merkleNode(left, right, this.#hash));
  }
}

const leafPrefix = new Uint8Array([0]);

export async function auditRoot({ manifest, log, codec }: AuditContext): Promise<AuditCheck> {
  const findings = new Findings();
  const hash: Hash = (bytes) => codec.sha256(bytes);
  const [ofLog, ofManifest] = [new GrowingTree(hash), new GrowingTree(hash)];
  const rows = manifestEvents(manifest);
  try {
    for await (const { line } of log.read(await manifest.logPosition())) {
      const leaf = hash(concatBytes(leafPrefix, line));
      ofLog.add(leaf);
      const row = await rows.next();
      if (row.done === true) break; // the check of the log says which are missing
      ofManifest.add(row.value.leafHash);
      if (equalBytes(leaf, row.value.leafHash)) continue;
      const { seq, timestamp } = row.value.record;
      findings.add(`governance_events ${seq}`, 'its leaf hash is not that of its line in the log', timestamp);
    }
  } finally {
    await rows.return(undefined);
  }
  const [root, other] = [toHex(ofLog.root()), toHex(ofManifest.root())];
  if (findings.count === 0 && root !== other)
    findings.add('the log', `its root is ${root}, and that of the manifest ${other}`);
  return verdict('log-root', findings, `the root over ${ofLog.size} leaves is ${root}`);
}
