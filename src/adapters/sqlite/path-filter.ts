/**
 * Whether a run produced or removed one of some paths, or something below one. Paths that are not the artifact's key, and
 * removals, are found by their text; for the others a run's own productions are looked through.
 */
import type { Connection } from './connection.ts';
import { keyHash } from './numbers.ts';

/** Texts below a path: from `path/` up to the first text that does not begin so. */
function below(path: string): [low: string, high: string] {
  return [`${path}/`, `${path}0`]; // 0 comes right after /
}

const somethingSql = `SELECT EXISTS (SELECT 1 FROM production WHERE run_id = @run)
  OR EXISTS (SELECT 1 FROM run_removed WHERE run_id = @run)`;
const belowSql = `SELECT 1 FROM production p CROSS JOIN object a ON a.object_id = p.artifact_id
  WHERE p.run_id = ? AND p.path_id = 0 AND a.key >= ? AND a.key < ? LIMIT 1`;

export function pathFilter(connection: Connection, paths: readonly string[]): (run: number) => boolean {
  if (paths.includes('')) return (run) => connection.value<number>(somethingSql, { run }) === 1;
  const runs = new Set<number>();
  const note = (sql: string, ...values: (string | number)[]): void => {
    for (const run of connection.values<number>(sql, ...values)) runs.add(run);
  };
  for (const path of paths) {
    const texts = connection.values<number>(
      'SELECT text_id FROM text WHERE text = ? UNION ALL SELECT text_id FROM text WHERE text >= ? AND text < ?',
      path,
      ...below(path),
    );
    for (const text of texts) {
      note('SELECT DISTINCT run_id FROM run_removed WHERE path_id = ?', text);
      note('SELECT DISTINCT run_id FROM production WHERE path_id = ? AND path_id > 0', text);
    }
    for (const artifact of connection.values<number>(
      'SELECT object_id FROM object WHERE key_hash = ? AND key = ?',
      keyHash(path),
      path,
    )) {
      note('SELECT run_id FROM production WHERE artifact_id = ? AND again = 1 AND path_id = 0', artifact);
      note(
        `SELECT run_id FROM production WHERE run_id = (SELECT first_run FROM object WHERE object_id = ?)
           AND artifact_id = ? AND path_id = 0`,
        artifact,
        artifact,
      );
    }
  }
  return (run) => runs.has(run) || paths.some((path) => connection.value(belowSql, run, ...below(path)) !== undefined);
}
