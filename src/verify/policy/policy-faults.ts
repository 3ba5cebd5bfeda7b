/**
 * What is wrong with the expressions and messages of a policy before any candidate is seen: texts that CEL cannot read, and names
 * that no decision has. A policy with faults blocks every candidate; `policy check` and `policy activate` refuse it.
 */
import type { PolicyRecord } from '../../core/records/policy.ts';
import { readExpression } from './expressions.ts';
import { readMessage } from './message.ts';
import { variableNames } from './variables.ts';

export interface PolicyFault {
  readonly check: string;
  readonly part: 'when' | 'assert' | 'message';
  readonly why: string;
}

/** Names of CEL's types, which `type(x)` is compared with. */
const typeNames = ['bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint'];

function unknownName(names: Iterable<string>, known: readonly string[]): string | undefined {
  for (const name of names) {
    if (!known.includes(name)) return `there is no ${name}; there are ${variableNames.join(', ')}`;
  }
  return undefined;
}

export function policyFaults(policy: PolicyRecord): PolicyFault[] {
  const faults: PolicyFault[] = [];
  for (const { id, when, assert, message } of policy.checks) {
    for (const [part, text] of [['when', when] as const, ['assert', assert] as const]) {
      if (text === undefined) continue;
      const read = readExpression(text);
      const why = 'fault' in read ? read.fault : unknownName(read.names, [...variableNames, ...typeNames]);
      if (why !== undefined) faults.push({ check: id, part, why });
    }
    const read = readMessage(message);
    const why = 'fault' in read ? read.fault : unknownName(read.names, variableNames);
    if (why !== undefined) faults.push({ check: id, part: 'message', why });
  }
  return faults;
}
