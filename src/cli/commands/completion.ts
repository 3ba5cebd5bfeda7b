import { oneOf } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { completionScript, type Shell } from '../completion-script.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

export const command = defineCommand<[shell: Shell]>({
  description: 'Prints a script that teaches a shell to complete the commands and options of cairn.',
  examples: [
    ['cairn completion bash > ~/.local/share/bash-completion/completions/cairn', 'for bash, from the next shell on'],
    ['cairn completion zsh > "$fpath[1]/_cairn"', 'for zsh'],
    ['cairn completion fish > ~/.config/fish/completions/cairn.fish', 'for fish'],
  ],
  declare: (command) => {
    command.argument('<shell>', shells.join(', '), oneOf('shell', shells));
  },
  action: async ({ args: [shell], table, out }) => {
    const script = await completionScript(shell, table);
    out.result(
      () => ({ shell, script }),
      () => [script.trimEnd()],
    );
    return undefined;
  },
});
