import { defineCommand } from '../command.ts';
import { jsonSchemaOf, listSchemas } from '../schemas.ts';
import { tableLines } from '../table.ts';

export const command = defineCommand<[name: string | undefined]>({
  description:
    'Prints the JSON Schema of a record, of a file that cairn reads, or of a --json document; without a name, lists them.',
  examples: [
    ['cairn schema', 'what there is'],
    ['cairn schema run', 'the record of a run'],
    ['cairn schema run-file', 'what `commit --run-file` takes'],
    ['cairn schema cli.log', 'what `log --json` prints'],
  ],
  declare: (command) => {
    command.argument('[name]', 'run, artifact, run-file, cli.log, …');
  },
  action: async ({ args: [name], out }) => {
    if (name === undefined) {
      const schemas = listSchemas();
      out.result(
        () => ({ schemas }),
        () =>
          tableLines(
            [{ title: '' }, { title: '' }],
            schemas.map((one) => [one.name, one.about]),
          ),
      );
      return undefined;
    }
    const found = jsonSchemaOf(name);
    out.result(
      () => found,
      () => [JSON.stringify(found.jsonSchema, null, 2)],
    );
    return undefined;
  },
});
