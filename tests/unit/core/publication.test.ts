/** The identity of a publication: what makes two the same, and what does not. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ArtifactId, BlobId, RunKey } from '../../../src/core/ids.ts';
import { type Publication, publicationId } from '../../../src/core/publication.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

const publication: Publication = {
  artifact: hash('artifact') as ArtifactId,
  blob: hash('blob') as BlobId,
  runKey: hash('key') as RunKey,
  inputs: [
    { artifact: hash('b') as ArtifactId, relation: 'uses_config' },
    { artifact: hash('a') as ArtifactId, relation: 'derived_from' },
  ],
  writer: { name: 'loader', version: '1.4' },
  code: { gitCommit: 'c'.repeat(40), gitDirty: false },
  tags: { desk: 'rates' },
};

describe('publicationId', () => {
  test('is the SHA-256 of the canonical JSON that its header names', () => {
    const [first, second] = [...publication.inputs].sort((left, right) => (left.artifact < right.artifact ? -1 : 1));
    const text = `{"artifact":"${publication.artifact}","blob":"${publication.blob}","code":{"gitCommit":"${'c'.repeat(40)}","gitDirty":false},"inputs":[{"artifact":"${first?.artifact}","relation":"${first?.relation}"},{"artifact":"${second?.artifact}","relation":"${second?.relation}"}],"runKey":"${publication.runKey}","schema":"cairn.publication/1","tags":{"desk":"rates"},"writer":{"name":"loader","version":"1.4"}}`;
    expect(publicationId(publication)).toBe(hash(text));
    expect(publicationId(publication, hash)).toBe(hash(text));
  });

  test('does not depend on the order of inputs, on repeated ones, or on what else is known of them', () => {
    const inputs = [...publication.inputs, ...publication.inputs]
      .reverse()
      .map((input) => ({ ...input, run: hash('r') }));
    expect(publicationId({ ...publication, inputs })).toBe(publicationId(publication));
  });

  const others: [string, Partial<Publication>][] = [
    ['the artifact', { artifact: hash('other') as ArtifactId }],
    ['the bytes that were produced', { blob: hash('other') as BlobId }],
    ['the run key', { runKey: hash('other') as RunKey }],
    ['an input', { inputs: publication.inputs.slice(1) }],
    ['a relation', { inputs: publication.inputs.map((input) => ({ ...input, relation: 'uses_null' })) }],
    ['the writer', { writer: { name: 'loader', version: '1.5' } }],
    ['the commit', { code: { gitCommit: 'd'.repeat(40), gitDirty: false } }],
    ['whether the code was changed', { code: { gitCommit: 'c'.repeat(40), gitDirty: true } }],
    ['that nothing is known of the code', { code: {} }],
    ['a tag', { tags: { desk: 'equities' } }],
  ];
  test.each(others)('changes with %s', (_, change) => {
    expect(publicationId({ ...publication, ...change })).not.toBe(publicationId(publication));
  });
});
