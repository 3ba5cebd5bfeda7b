import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../src/core/errors.ts';
import { systemError, systemErrorCode } from '../../../src/core/system-error.ts';

function failureOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to fail');
}

describe('systemErrorCode', () => {
  test('is the name that the system gives', () => {
    expect(systemErrorCode(failureOf(() => statSync('/no/such/file')))).toBe('ENOENT');
    expect(systemErrorCode({ code: 'E2BIG' })).toBe('E2BIG');
  });

  test.each([
    undefined,
    null,
    'ENOENT',
    new Error('ENOENT'),
    { code: 2 },
    { code: 'SQLITE_FULL' },
    { code: 'ERR_X' },
    { code: 'enoent' },
  ])('is nothing for %j', (error) => {
    expect(systemErrorCode(error)).toBeUndefined();
  });
});

describe('systemError', () => {
  test.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EACCES', 'NOT_PERMITTED'],
    ['EPERM', 'NOT_PERMITTED'],
    ['EROFS', 'READ_ONLY'],
    ['EIO', 'IO'],
    ['ENOENT', 'IO'],
    ['EWHATEVER', 'IO'],
  ])('says %s as %s, with the path, the number and the cause', (errno, code) => {
    const cause = { code: errno, path: '/from/the/system' };
    const error = systemError('cannot write', cause, '/x/y');
    expect(error).toMatchObject({ code, data: { errno, path: '/x/y' }, cause });
    expect(error.message).toMatch(/^cannot write \/x\/y: /);
    expect(systemError('cannot write', cause).data).toEqual({ errno, path: '/from/the/system' });
    expect(systemError('cannot write', { code: errno }).message).not.toContain('undefined');
  });

  test.each(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EIO', 'EMFILE', 'ENFILE'])(
    'says what to do about %s',
    (code) => {
      expect(systemError('cannot write', { code }, '/x').hint).toMatch(/\.$/);
    },
  );

  test('passes a coded error through', () => {
    const coded = new CodedError('BUSY', 'busy');
    expect(systemError('cannot write', coded, '/x')).toBe(coded);
  });

  test('takes what the system did not say for a bug', () => {
    const cause = new TypeError('undefined is not a function');
    expect(systemError('cannot write', cause, '/x')).toMatchObject({ code: 'INTERNAL', cause });
    expect(systemError('cannot write', { code: '__proto__' }, '/x').code).toBe('INTERNAL');
    expect(systemError('cannot write', { code: 'EVALUEOF' }, '/x').code).toBe('IO');
  });
});
