/** Long results for people go through $PAGER, or `less -FRX`; only ever on a terminal. */
import type { Io } from './io.ts';

/** The pager's command line; undefined when results are not paged. */
export function pagerCommand(io: Io): string | undefined {
  if (!io.stdout.isTerminal) return undefined;
  const chosen = io.env['CAIRN_PAGER'] ?? io.env['PAGER'] ?? 'less -FRX';
  return chosen.trim() === '' || chosen.trim() === 'cat' ? undefined : chosen;
}

/** Shows a text; when the pager cannot be started, the text is written as it is. */
export async function page(io: Io, command: string, text: string): Promise<void> {
  const { spawnSync } = await import('node:child_process');
  const pager = spawnSync(command, {
    shell: true,
    input: text,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESSCHARSET: 'utf-8', ...io.env },
  });
  const missing = 127;
  if ((pager.error !== undefined && pager.status === null && pager.signal === null) || pager.status === missing) {
    io.stdout.write(text);
  }
}
