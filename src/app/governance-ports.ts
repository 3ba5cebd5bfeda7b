/** The ports behind evaluating and promoting, loaded when they are first asked something. */
import { verifyEd25519 } from '../adapters/node/ed25519.ts';
import type { Ed25519Verify } from '../core/ed25519.ts';
import type { DocumentReader } from '../ports/documents.ts';
import type { ProgramAsker } from '../ports/process.ts';

export interface GovernancePorts {
  readonly documents: DocumentReader;
  readonly programs: ProgramAsker;
  readonly verifyEd25519: Ed25519Verify;
}

/** `directory` is where programs of a policy run; `searchPath` is the PATH that finds them. */
export function governancePorts(directory: string, searchPath: string | undefined): GovernancePorts {
  return {
    documents: {
      yaml: async (text, what) => (await import('../adapters/yaml/read-yaml.ts')).readYaml(text, what),
    },
    programs: {
      ask: async (question) => {
        const { openProgramAsker } = await import('../adapters/process/program-asker.ts');
        return openProgramAsker({ directory, searchPath: searchPath ?? '/usr/local/bin:/usr/bin:/bin' }).ask(question);
      },
    },
    verifyEd25519,
  };
}
