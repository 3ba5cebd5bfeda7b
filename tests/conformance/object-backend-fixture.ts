/** What the claims about an `ObjectBackend` are held to, and how they look at it. */
import { expect } from 'vitest';
import type { ObjectBackend } from '../../src/ports/object-backend.ts';
import { collect, failureOf } from './bytes.ts';
import type { Fixture } from './claims.ts';

export interface BackendFixture extends Fixture {
  readonly backend: ObjectBackend;
  /** Another process's view of the same store. */
  readonly other: ObjectBackend;
}

export async function names(backend: ObjectBackend, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of backend.list(prefix)) found.push(entry.name);
  return found;
}

export async function store(backend: ObjectBackend, name: string, bytes: Uint8Array): Promise<void> {
  await backend.put(name, [bytes]);
  await backend.settle();
}

export async function expectAbsent(backend: ObjectBackend, name: string): Promise<void> {
  for (const attempt of [backend.stat(name), backend.read(name), backend.read(name, { start: 0, end: 1 })]) {
    expect(backend.isNotFound(await failureOf(attempt))).toBe(true);
  }
  expect(backend.isNotFound(await failureOf(collect(backend.get(name))))).toBe(true);
  expect(await names(backend, '')).not.toContain(name);
}
