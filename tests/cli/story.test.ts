/** `npm start` tells its story to the end, and what it invites the reader to type works where it says. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyDirectory } from './cairn.ts';

const story = join(import.meta.dirname, '..', '..', 'demo', 'story.js');

test('the story ends well, keeps its directory, and its invitations hold', () => {
  const place = emptyDirectory();
  const told = spawnSync(process.execPath, [story], { env: { ...process.env, TMPDIR: place.root }, encoding: 'utf8' });
  expect(told.stderr).toBe('');
  expect(told.status).toBe(0);
  const says = (text: string): void => expect(told.stdout).toContain(text);
  says('its SHA-256 by cairn and by another program: equal');
  says('mean IC 0.0636, t 1.13, hit rate 0.50 over 110 periods');
  says('the workspace is clean');
  says('restored/out/signal.csv is what was committed');
  says('says the same (content_hash)');
  says('the worst regime has a mean IC of -0.06');
  says('is accepted as accepted/momentum-12-1-h1');
  says('refused: event: the log only grows');
  says('audit: everything holds');
  says('yes: ');
  const [kept = ''] = readdirSync(place.root);
  const invitations = Array.from(told.stdout.matchAll(/^ {3}cairn (.+?)(?: {3,}.*)?$/gm), (line) => String(line[1]));
  expect(invitations.length).toBeGreaterThanOrEqual(4);
  for (const line of invitations) {
    const args = Array.from(line.matchAll(/'([^']*)'|(\S+)/g), (word) => word[1] ?? String(word[2]));
    expect(place.cairn(args, { cwd: place.path(kept, 'momentum') }).status, line).toBe(0);
  }
});
