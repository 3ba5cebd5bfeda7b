/**
 * Checks that are made of every candidate, whatever the policy's own expressions say: that its evidence is there, can be read, is
 * the candidate's and stands; that pins are those of the run; that the split plan holds; that external programs agreed.
 */
import { isLosslessObject, type LosslessObject, type LosslessValue } from '../../core/lossless-json.ts';
import type { EvidenceFacts, FactsRecord, FoldRule } from '../../core/records/facts.ts';
import type { LevelPolicy, PolicyRecord } from '../../core/records/policy.ts';
import type { CheckTrace } from './decision.ts';
import { runPins } from './variables.ts';

/** One check with how it came out, before waivers. */
export interface CheckResult {
  readonly check: string;
  readonly role?: string;
  /** Left out when all is well. */
  readonly message?: string;
  readonly severity: 'block' | 'warn';
  readonly isUndecided?: boolean;
  /** Evidence that cannot be trusted is not waived: leave it out of the candidate instead. */
  readonly isWaivable?: boolean;
  readonly values?: CheckTrace['values'];
}

function evidenceItem(item: EvidenceFacts): CheckResult[] {
  const { role, content, signature, status } = item;
  const name = `${role} (${item.artifact.slice(0, 12)})`;
  const results: CheckResult[] = [];
  const fail = (check: string, message: string, isWaivable: boolean): void => {
    results.push({ check, role, message, severity: 'block', isWaivable });
  };
  if (item.inAncestry !== true) {
    fail('evidence_in_ancestry', `${name} was not produced by the candidate's run and is not in its ancestry`, false);
  }
  if (status === 'tombstoned') fail('evidence_active', `${name} was withdrawn (tombstoned)`, false);
  else if (status !== 'active') fail('evidence_active', `${name} was superseded by another artifact`, false);
  if (signature !== undefined && signature.verified !== true) {
    fail('evidence_signature', `the signature on ${name} does not verify: ${signature.detail}`, false);
  }
  if (!('value' in content)) fail('evidence_readable', `${name} cannot be read: ${content.error}`, true);
  else {
    for (const { path, why } of content.faults) {
      fail('evidence_schema', `${name} does not fit the schema of its role: ${path} ${why}`, true);
    }
  }
  return results.length > 0 ? results : [{ check: 'evidence_sound', role, severity: 'block' }];
}

function evidenceChecks(facts: FactsRecord, level: LevelPolicy): CheckResult[] {
  const counts = new Map<string, number>();
  for (const { role } of facts.evidence) counts.set(role, (counts.get(role) ?? 0) + 1);
  const required = level.evidence.map((role): CheckResult => {
    const result = { check: `${role}_required`, role, severity: 'block', isWaivable: true } as const;
    return counts.has(role) ? result : { ...result, message: `there is no ${role} in evidence` };
  });
  const repeated = Array.from(counts, ([role, count]): CheckResult[] =>
    count === 1
      ? []
      : [
          {
            check: 'evidence_once',
            role,
            severity: 'block',
            message: `${count} artifacts are in evidence as ${role}; there may be one`,
          },
        ],
  );
  return [...required, ...repeated.flat(), ...facts.evidence.flatMap(evidenceItem)];
}

function pinChecks(facts: FactsRecord, level: LevelPolicy, meta: LosslessObject): CheckResult[] {
  const pins = runPins(facts.run);
  return level.pins.flatMap((pin): CheckResult[] => {
    const value = Object.hasOwn(meta, pin) ? meta[pin] : undefined;
    const text = typeof value === 'bigint' ? String(value) : typeof value === 'string' ? value : '';
    const ofRun = pins[pin] ?? [];
    const base = { role: 'validation_bundle', severity: 'block', isWaivable: true } as const;
    if (text.trim() === '') {
      const why = value === undefined || value === null ? 'is missing from' : 'is blank in';
      return [{ ...base, check: `${pin}_present`, message: `${pin} ${why} the validation bundle's meta` }];
    }
    const present: CheckResult = { ...base, check: `${pin}_present` };
    const check = `${pin}_matches_run`;
    if (ofRun.includes(text)) return [present, { ...base, check }];
    const wanted =
      ofRun.length === 0 ? 'which its run does not have' : `and that of the candidate's run is ${ofRun.join(' or ')}`;
    return [
      present,
      { ...base, check, message: `${pin} of the validation bundle is ${text.slice(0, 200)}, ${wanted}` },
    ];
  });
}

/** What a pipeline may have declared that a broken rule contradicts. */
const declaredBy: { readonly [rule in FoldRule]: readonly string[] } = {
  plan: [],
  windows: [],
  overlap: ['purge_applied', 'no_future_rows_in_fit'],
  purge_and_embargo: ['purge_applied', 'embargo_applied'],
  embargo_after_test: ['embargo_applied'],
  fit_window: ['train_only_fit_enforced', 'no_future_rows_in_fit'],
  asof_lag: [],
};

function foldChecks(facts: FactsRecord, enforcement: LosslessObject): CheckResult[] {
  if (!facts.evidence.some(({ role }) => role === 'split_plan')) return [];
  const check = 'fold_causality_recomputed';
  const base = { check, role: 'split_plan', severity: 'block' } as const;
  const { foldCheck } = facts;
  if (foldCheck === undefined)
    return [{ ...base, message: 'the split plan was not held against the times of the dataset' }];
  const { outcome } = foldCheck;
  if ('error' in outcome) {
    return [
      { ...base, message: `the split plan could not be held against the times of the dataset: ${outcome.error}` },
    ];
  }
  const failures = outcome.folds.flatMap(({ foldId, failures }) => {
    return failures.map(({ rule, reason }): CheckResult => {
      const declared = (declaredBy[rule] ?? []).filter(
        (name) => Object.hasOwn(enforcement, name) && enforcement[name] === true,
      );
      const although = declared.length === 0 ? '' : `, although ${declared.join(' and ')} is declared true`;
      const where = foldId === '*' ? 'split plan' : `fold ${foldId}`;
      return { ...base, message: `${where}: ${reason}${although}` };
    });
  });
  if (failures.length > 0) return failures;
  return outcome.ok === true ? [base] : [{ ...base, message: 'the split plan holds no fold' }];
}

function programChecks(policy: PolicyRecord, facts: FactsRecord): CheckResult[] {
  return policy.programs
    .filter(({ levels }) => levels.includes(facts.level))
    .flatMap(({ id, sha256 }): CheckResult[] => {
      const base = { check: id, severity: 'block', isWaivable: true } as const;
      const program = facts.programs.find((one) => one.id === id);
      if (program === undefined) return [{ ...base, message: `the program ${id} was not asked` }];
      if (program.sha256 !== sha256) {
        return [
          {
            ...base,
            message: `the program ${id} is another one (sha256 ${program.sha256}) than the policy names (${sha256})`,
          },
        ];
      }
      const { outcome } = program;
      if ('error' in outcome) {
        return [{ ...base, isUndecided: true, message: `the check ${id} could not be decided: ${outcome.error}` }];
      }
      const warnings = outcome.warnings.map((message): CheckResult => ({ ...base, severity: 'warn', message }));
      if (outcome.blockers.length > 0)
        return [...outcome.blockers.map((message) => ({ ...base, message })), ...warnings];
      return [
        outcome.passed === true ? base : { ...base, message: `the program ${id} did not pass the candidate` },
        ...warnings,
      ];
    });
}

function objectOf(value: LosslessValue | undefined): LosslessObject {
  return isLosslessObject(value) ? value : {};
}

/** Roles whose evidence is not there or cannot be used: checks about it would only say so again. */
export function unusableRoles(results: readonly CheckResult[]): ReadonlySet<string> {
  const roles = new Set<string>();
  for (const { check, role, message } of results) {
    if (role === undefined || message === undefined) continue;
    if (check === `${role}_required` || check === 'evidence_readable' || check === 'evidence_once') roles.add(role);
  }
  return roles;
}

/** All standing checks. `variables` as `variablesOf` makes them. */
export function standingChecks(policy: PolicyRecord, facts: FactsRecord, variables: LosslessObject): CheckResult[] {
  const level = policy.levels[facts.level];
  const evidence = evidenceChecks(facts, level);
  const hasBundle = 'validation_bundle' in objectOf(variables['evidence']);
  return [
    ...evidence,
    // Without a bundle there is one thing to say, unless no rule says it.
    ...(hasBundle || !unusableRoles(evidence).has('validation_bundle')
      ? pinChecks(facts, level, objectOf(variables['meta']))
      : []),
    ...foldChecks(facts, objectOf(variables['enforcement'])),
    ...programChecks(policy, facts),
  ];
}
