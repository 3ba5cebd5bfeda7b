import { openMemoryEventLog } from '../../../../src/adapters/memory/memory-event-log.ts';
import type { EventLog } from '../../../../src/ports/event-log.ts';
import { describeConformance, describeDefects, type Open } from '../../../conformance/claims.ts';
import { eventLogClaims, type LogFixture } from '../../../conformance/event-log.ts';

const segmentBytes = 100;

function fixture(log: EventLog): LogFixture {
  return { open: () => log, dispose: async () => undefined };
}

describeConformance('openMemoryEventLog', eventLogClaims, async () => fixture(openMemoryEventLog({ segmentBytes })));

function defective(change: (sound: EventLog) => Partial<EventLog>): Open<LogFixture> {
  return async () => {
    const sound = openMemoryEventLog({ segmentBytes });
    return fixture({ ...sound, ...change(sound) });
  };
}

describeDefects('event log', eventLogClaims, [
  {
    defect: 'never begins a segment',
    open: async () => fixture(openMemoryEventLog()),
    breaks: 'begins a segment when the last one is full, and no line crosses',
  },
  {
    defect: 'appends at its end, wherever it is told to',
    open: defective((sound) => ({ append: async (_, lines) => sound.append(await sound.end(), lines) })),
    breaks: 'cuts what lies behind the position before it appends',
  },
  {
    defect: 'reads everything',
    open: defective((sound) => ({ read: () => sound.read() })),
    breaks: 'reads no further than it is told',
  },
  {
    defect: 'appends at its end when committed lines are missing',
    open: defective((sound) => ({
      append: async (at, lines) => sound.append(at.length > (await sound.end()).length ? await sound.end() : at, lines),
    })),
    breaks: 'refuses to append or read when committed lines are missing',
  },
]);
