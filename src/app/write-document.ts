/** Writing a file that a person asked for: whole and durable, or not at all. */
import { durableWrite } from '../adapters/fs/durable-write.ts';
import { systemRandom } from '../adapters/node/system-random.ts';

export function writeDocument(path: string, text: string): Promise<void> {
  return durableWrite(path, text, { random: systemRandom() });
}
