import { expect, test } from 'vitest';
import { readEnvironment } from '../../../src/app/environment.ts';

test('the passphrase of a key is read, and is not among what programs are given', () => {
  const { keyPassphrase, variables } = readEnvironment({ CAIRN_KEY_PASSPHRASE: 'secret', PATH: '/bin' });
  expect([keyPassphrase, variables]).toEqual(['secret', { PATH: '/bin' }]);
});
