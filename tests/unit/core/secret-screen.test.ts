import { describe, expect, test } from 'vitest';
import { findSecretLike, stripUserinfo } from '../../../src/core/secret-screen.ts';

/** Built at run time, so that scanners of this repository find nothing here. */
const join = (...parts: string[]): string => parts.join('');
const alphanumeric = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kM9n';

describe('what looks like a secret', () => {
  test.each<[kind: string, text: string, secret: string]>([
    ['aws-access-key', join('key AK', 'IAIOSFODNN7EXAMPLE'), join('AK', 'IAIOSFODNN7EXAMPLE')],
    ['github-token', join('gh', 'p_', alphanumeric.slice(0, 36)), join('gh', 'p_', alphanumeric.slice(0, 36))],
    ['github-token', join('github', '_pat_', alphanumeric, alphanumeric), join('github', '_pat_')],
    ['gitlab-token', join('x gl', 'pat-', alphanumeric.slice(0, 20)), join('gl', 'pat-')],
    ['slack-token', join('xo', 'xb-123456789012-', alphanumeric.slice(0, 24)), join('xo', 'xb-')],
    ['npm-token', join('//registry/:_x=np', 'm_', alphanumeric.slice(0, 36)), join('np', 'm_')],
    ['google-api-key', join('AI', 'za', alphanumeric.slice(0, 35)), join('AI', 'za')],
    ['stripe-key', join('sk', '_live_', alphanumeric.slice(0, 24)), join('sk', '_live_')],
    ['openai-like-key', join('sk', '-proj-', alphanumeric), join('sk', '-proj-')],
    ['jwt', join('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0In0', '.', alphanumeric), 'eyJhbGci'],
    ['url-password', 'postgres://me:hunter22@db.example/x', 'hunter22'],
    ['url-token', join('https://', alphanumeric, '@github.com/x'), alphanumeric],
    ['authorization', join('-H "Authorization: Bearer ', alphanumeric, '"'), alphanumeric],
    ['password', 'password=Tr0ub4dor&3', 'Tr0ub4dor&3'],
    ['password', 'DB_PASSWORD: "k9#mQ2$vLx"', 'k9#mQ2$vLx'],
    ['password', '--db-password k9#mQ2vLx', 'k9#mQ2vLx'],
    ['secret', join('aws_secret_access_key = wJalrXUtnFEMI', '/K7MDENG/bPxRfiCYEXAMPLEKEY'), 'wJalr'],
    ['secret', `{"api_key":"${alphanumeric}"}`, alphanumeric],
    ['secret', `--token ${alphanumeric}`, alphanumeric],
  ])('finds a %s in %s', (kind, text, secret) => {
    const finding = findSecretLike(text);
    expect(finding).toMatchObject({ kind, at: text.indexOf(secret) });
    const rest = text.slice(text.indexOf(secret) + 4, text.indexOf(secret) + 9);
    expect(finding?.preview).not.toContain(rest);
    expect(finding?.preview).toMatch(/\*{4}$/);
  });

  test('finds a private key by its header', () => {
    const header = join('-----BEGIN OPENSSH PRI', 'VATE KEY-----');
    expect(findSecretLike(`x\n${header}\nb3Bl`)).toEqual({
      kind: 'private-key',
      at: 2 + header.length,
      preview: `${header}****`,
    });
    expect(findSecretLike(join('-----BEGIN PRI', 'VATE KEY-----'))?.kind).toBe('private-key');
  });

  test('reports the first of two', () => {
    expect(findSecretLike(`password=Tr0ub4dor&3 ${join('AK', 'IAIOSFODNN7EXAMPLE')}`)?.kind).toBe('password');
    expect(findSecretLike(`${join('AK', 'IAIOSFODNN7EXAMPLE')} password=Tr0ub4dor&3`)?.kind).toBe('aws-access-key');
  });

  test.each([
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'token=da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'secret: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'api_key=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'token: 123e4567-e89b-12d3-a456-426614174000',
    'token=ab12cd34ef56',
    'max_tokens=4096 token: 1234567890123456789',
    'tokenizer=bert-base-uncased-v2-finetuned',
    'token: HuggingFaceH4/zephyr-7b-beta',
    'pwd=/home/Someone/Projects/Momentum24h/run7',
    'password: ../config/Secrets2024/db.yaml',
    'secret=data/Raw/File2024Q3.parquet',
    join('password=$', '{DB_PASSWORD}'),
    'password=$DB_PASSWORD1',
    'password = <your-Password-1>',
    'password=********',
    'password: changeme',
    'token = os.environ["GITHUB_TOKEN_2024"]',
    'token=getToken(userId42, "B")',
    'secret=2024-01-01T00:00:00.000Z',
    'the password is correct horse battery staple',
    'http://localhost:8080/a?b=c@d',
    'https://user@github.com/a/b',
    join('https://user:$', '{TOKEN}@github.com/a/b'),
    'git@github.com:org/repo.git',
    'sk-learn-compatible-estimators-of-the-project',
    'basic functionality-of-the-thing works',
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN PUBLIC KEY-----',
    'fix: window=20 alpha=0.05 seed=612322433928578264',
    'pass a tokenised path: s3://bucket/a:b@c',
    '',
  ])('leaves alone %j', (text) => {
    expect(findSecretLike(text)).toBeUndefined();
  });

  test.each<[string, string]>([
    ['one character', 'a'],
    ['assignments', 'password='],
    ['schemes', 'a://'],
    ['credentials without an end', 'a://b:c'],
    ['JWT starts', 'eyJaaaaaaaa.'],
    ['dashes', '-----BEGIN A A A '],
    ['options', '--token '],
    ['bearers', 'bearer aaaaaaaaaaaaaaaaaaaa'],
    ['dotted names', 'a.'],
  ])('takes linear time over a megabyte of %s', (_, unit) => {
    const text = unit.repeat(1_000_000 / unit.length);
    const started = performance.now();
    findSecretLike(text);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('URLs without credentials', () => {
  test.each<[string, string]>([
    ['https://user:pass@host/x', 'https://host/x'],
    ['https://token@host:8080/x?y=a@b', 'https://host:8080/x?y=a@b'],
    ['https://a:p@ss@host', 'https://host'],
    ['ssh://git@host/x.git', 'ssh://host/x.git'],
    ['https://host/@scope/pkg', 'https://host/@scope/pkg'],
    ['git@github.com:org/repo.git', 'git@github.com:org/repo.git'],
    ['/a/b@c', '/a/b@c'],
    ['https://host?x=a:b@c', 'https://host?x=a:b@c'],
    ['', ''],
  ])('%j becomes %j', (url, stripped) => {
    expect(stripUserinfo(url)).toBe(stripped);
  });
});
