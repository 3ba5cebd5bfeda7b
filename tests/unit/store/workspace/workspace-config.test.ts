import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkspaceFiles } from '../../../../src/adapters/fs/workspace-files.ts';
import { readYaml } from '../../../../src/adapters/yaml/read-yaml.ts';
import {
  type ConfiguredWorkspace,
  readWorkspaceConfig,
  typeRulesOf,
} from '../../../../src/store/workspace/workspace-config.ts';

let root = '';
let asked = 0;
let workspace: ConfiguredWorkspace;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cairn-config-'));
  asked = 0;
  workspace = {
    files: openWorkspaceFiles({ root, probeDirectory: join(root, '.cairn') }),
    documents: {
      yaml: async (text, what) => {
        asked++;
        return readYaml(text, what);
      },
    },
  };
});
afterEach(() => rmSync(root, { recursive: true }));

describe('the configuration of a workspace', () => {
  test('is empty where there is no cairn.yaml, and nothing is loaded to find that out', async () => {
    const config = await readWorkspaceConfig(workspace);
    expect(config.runs.size).toBe(0);
    expect(await typeRulesOf(config)).toBeUndefined();
    expect(asked).toBe(0);
  });

  test('is that of cairn.yaml at its root, also through a link', async () => {
    writeFileSync(join(root, 'shared.yaml'), 'pins: {engineVersion: "2"}\ntypes: [{match: "*.csv", type: bars}]\n');
    symlinkSync('shared.yaml', join(root, 'cairn.yaml'));
    const config = await readWorkspaceConfig(workspace);
    expect(config.pins.engineVersion).toBe('2');
    expect((await typeRulesOf(config))?.('a.csv')).toEqual({ type: 'bars' });
  });

  test('is refused with its place, when it is a directory, and when it is longer than anybody writes', async () => {
    const path = join(root, 'cairn.yaml');
    writeFileSync(path, 'pins:\n  engine: 1\n');
    await expect(readWorkspaceConfig(workspace)).rejects.toThrow(/^cairn.yaml:2:3: pins: unknown key "engine"/);
    writeFileSync(path, `# ${'x'.repeat(256 * 1024)}`);
    await expect(readWorkspaceConfig(workspace)).rejects.toThrow(/longer than 256 KiB/);
    rmSync(path);
    mkdirSync(path);
    await expect(readWorkspaceConfig(workspace)).rejects.toThrow(/is not a file/);
  });
});
