/** Help: of the program out of the command table, of a command out of what it declares. */
import type { Command, Commander, CommandGroup, CommandTable } from './command.ts';
import { statusMeanings } from './exit-status.ts';

function list(pairs: readonly (readonly [string, string])[], gap = 2): string {
  const width = pairs.reduce((widest, [name]) => Math.max(widest, name.length), 0);
  return pairs.map(([name, text]) => `  ${name.padEnd(width + gap)}${text}`.trimEnd()).join('\n');
}

const commonOptions: readonly (readonly [string, string])[] = [
  ['-C <dir>', 'work as if started in this directory'],
  ['--json', 'one JSON document on standard output'],
  ['-q, --quiet', 'say only what was asked for'],
  ['--no-color', 'no colours'],
  ['--no-pager', 'do not page results on a terminal'],
  ['-h, --help', 'show help, of the program or of a command'],
  ['-V, --version', 'show the version'],
];

export function programHelp(table: CommandTable): string {
  const sections = table.map(
    ({ title, commands }) =>
      `${title}:\n${list(Object.entries(commands).map(([name, { summary }]) => [name, summary]))}\n`,
  );
  return `cairn keeps the outputs of research so that they can be defended later.

Usage: cairn [options] <command> [arguments]

${sections.join('\n')}
Common options:
${list(commonOptions)}

\`cairn <command> --help\` explains a command, with examples.
`;
}

export function groupHelp(name: string, group: CommandGroup): string {
  const verbs = Object.entries(group.verbs).map(([verb, { summary }]) => [`${name} ${verb}`, summary] as const);
  return `${group.summary}

Usage: cairn ${name} <${Object.keys(group.verbs).join('|')}> [arguments]

Commands:
${list(verbs)}

\`cairn ${name} <command> --help\` explains each, with examples.
`;
}

/** Examples and exit statuses, behind commander's own list of arguments and options. */
export function helpTail(command: Command): string {
  const statuses = new Map<string, string>(Object.entries(statusMeanings));
  if (command.statuses?.[1] === undefined) statuses.delete('1');
  for (const [status, meaning] of Object.entries(command.statuses ?? {})) statuses.set(status, meaning);
  const inOrder = [...statuses].sort(([left], [right]) => Number(left) - Number(right));
  return `
Examples:
${command.examples.map(([line, meaning]) => `  $ ${line}\n      ${meaning}`).join('\n')}

Exit status:
${list(inOrder)}
`;
}

export function configureHelp(commander: Commander, command: Command, columns: number | undefined): void {
  commander.configureHelp({ helpWidth: Math.min(columns ?? 100, 100) });
  commander.description(command.description);
  commander.addHelpText('after', helpTail(command));
}
