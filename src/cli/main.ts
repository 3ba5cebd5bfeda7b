/** The program: hands the process to `run` and ends with its status. */
import { processIo } from './io.ts';
import { run } from './run.ts';

// Everything is written and closed when `run` answers; waiting for idle handles would only take time.
void run(process.argv.slice(2), processIo()).then((status) => process.exit(status));
