/** The version of the SQLite that the driver brings. */
import { Connection } from './connection.ts';

export function sqliteVersion(): string {
  const connection = new Connection({ path: ':memory:', readOnly: false, busyMs: 0 });
  try {
    return connection.value<string>('SELECT sqlite_version()') ?? '';
  } finally {
    connection.close();
  }
}
