/**
 * What the external programs of a policy say. A program is given the facts (cairn.facts/1, `programs` empty) as one JSON document
 * on its standard input and answers with one on its standard output:
 *
 *   {"passed": true, "blockers": ["…"], "warnings": ["…"]}        the lists may be left out
 *
 * Its answer is among the facts, so that deciding again needs no program. Anything else that it does is an error, and blocks.
 */
import { utf8Decode } from '../../core/bytes.ts';
import { isCodedError } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json-value.ts';
import { parseJson } from '../../core/parse-json.ts';
import { type FactsRecord, factsBytes, type ProgramFacts } from '../../core/records/facts.ts';
import type { PolicyRecord } from '../../core/records/policy.ts';
import type { ProgramAnswer } from '../../ports/process.ts';
import type { GovernanceContext } from './context.ts';

const members = ['passed', 'blockers', 'warnings'];
/** Lines of one answer, and characters of each. */
const lineLimit = 100;
const lengthLimit = 1000;

function texts(value: JsonValue | undefined): readonly string[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > lineLimit) return undefined;
  const lines = value as readonly JsonValue[];
  return lines.every((line): line is string => typeof line === 'string' && line.length <= lengthLimit)
    ? lines
    : undefined;
}

function outcomeOf(said: ProgramAnswer['said']): ProgramFacts['outcome'] {
  if ('problem' in said) return { error: said.problem.toWellFormed() };
  let value: JsonValue;
  try {
    value = parseJson(said.text, 'the answer');
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { error: error.message };
  }
  const answer = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  const passed = answer?.['passed'];
  const blockers = texts(answer?.['blockers']);
  const warnings = texts(answer?.['warnings']);
  const isKnown = Object.keys(answer ?? {}).every((name) => members.includes(name));
  if (typeof passed !== 'boolean' || blockers === undefined || warnings === undefined || !isKnown) {
    return { error: 'its answer is not {"passed": true or false, "blockers": [texts], "warnings": [texts]}' };
  }
  return { passed, blockers, warnings };
}

/** Asks the programs of the level, one after another. */
export async function programFacts(
  { programs }: Pick<GovernanceContext, 'programs'>,
  policy: PolicyRecord,
  facts: FactsRecord,
): Promise<ProgramFacts[]> {
  const wanted = policy.programs.filter(({ levels }) => levels.includes(facts.level));
  if (wanted.length === 0) return [];
  const asked: ProgramFacts[] = [];
  const input = utf8Decode(factsBytes(facts));
  for (const { id, argv, sha256 } of wanted) {
    const answer = await programs.ask({ argv, sha256, input });
    // Where no file was found there is no digest; that none could be asked is the outcome.
    asked.push({ id, sha256: answer.sha256 ?? sha256, outcome: outcomeOf(answer.said) });
  }
  return asked;
}
