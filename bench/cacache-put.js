// @ts-check
/** Puts every file of a directory into a cacache, 32 at a time: node cacache-put.js <cache> <directory>. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
// @ts-expect-error: the package has no types
import cacache from 'cacache';

const [cache = '', directory = ''] = process.argv.slice(2);
const files = readdirSync(directory, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

async function work() {
  for (let file = files.pop(); file !== undefined; file = files.pop()) {
    await cacache.put(cache, file, await readFile(file), { algorithms: ['sha256'] });
  }
}

await Promise.all(Array.from({ length: 32 }, work));
