/** The parser of events is written out; the published schema says the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalBytes } from '../../../src/core/canonical-json.ts';
import { eventActions, parseEvent, subjectKinds } from '../../../src/core/records/event.ts';
import { eventSchema } from '../../../src/core/records/event-schema.ts';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const event = fc.record(
  {
    schema: fc.constant('cairn.event/1'),
    seq: fc.integer({ min: 1 }),
    previous: hash,
    timestamp: fc.constant('2026-01-31T12:00:00.000Z'),
    clock: fc.constantFrom('wall', 'fixed'),
    actor: hash,
    action: fc.constantFrom(...eventActions),
    subject: fc.record({ kind: fc.constantFrom(...subjectKinds), id: fc.string({ minLength: 1 }) }),
    subjectPrevious: hash,
    payload: hash,
  },
  {
    requiredKeys: ['schema', 'seq', 'previous', 'timestamp', 'clock', 'actor', 'action', 'subject', 'subjectPrevious'],
  },
);
const junk = fc.oneof(
  fc.constant(null),
  fc.constant(''),
  fc.constant(0),
  fc.constant([]),
  fc.constant({}),
  fc.constant('A'.repeat(64)),
);

function parses(value: unknown): boolean {
  try {
    parseEvent(canonicalBytes(value));
    return true;
  } catch {
    return false;
  }
}

test('what the schema accepts is parsed', () => {
  fc.assert(
    fc.property(event, (value) => {
      expect(eventSchema.safeParse(value).success).toBe(true);
      expect(parses(value)).toBe(true);
    }),
  );
});

test('what has a wrong, missing or unknown member is refused by both', () => {
  const members = [
    'schema',
    'seq',
    'previous',
    'timestamp',
    'clock',
    'actor',
    'action',
    'subject',
    'subjectPrevious',
    'payload',
    'other',
  ];
  fc.assert(
    fc.property(event, fc.constantFrom(...members), fc.option(junk), (value, member, replacement) => {
      const changed: Record<string, unknown> = { ...value, [member]: replacement };
      if (replacement === null && member !== 'payload') delete changed[member];
      expect(parses(changed)).toBe(eventSchema.safeParse(changed).success);
    }),
  );
});
