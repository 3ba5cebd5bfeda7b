import { describe, expect, test } from 'vitest';
import { parseRunKey } from '../../../src/core/ids.ts';
import { seedRoot, seedVersion } from '../../../src/core/seeds.ts';

const key = parseRunKey('0123456789abcdef'.repeat(4));

describe('seeds from semantic identity', () => {
  // Computed with Python: int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], 'big') % 2**63
  test.each<[string, string | undefined, string]>([
    ['root', undefined, '612322433928578264'],
    ['root', '3', '8084215901546897374'],
    ['bootstrap', undefined, '8321379916150360991'],
    ['naïve ✓', undefined, '1324015867106901496'],
    ['cv', '2024|A', '2995574803190752628'],
  ])('the seed of salt %s and fold %s is that of the Python derivation', (salt, fold, seed) => {
    expect(seedRoot(key, salt, fold)).toBe(seed);
  });

  test('the seed version is 1', () => {
    expect(seedVersion).toBe(1);
  });

  test.each(['', 'a|fold:1', 'a\ud800'])('refuses the salt %j, which could stand for another', (salt) => {
    expect(() => seedRoot(key, salt)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });
});
