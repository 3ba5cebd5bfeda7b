/**
 * Conditions on runs as SQL over `run r`. What SQL cannot say, or not exactly as core means it, is left out, and what
 * remains lets at least the right runs pass: core's evaluator has the last word on every one of them.
 */
import type { JsonValue } from '../../core/json-value.ts';
import type { Comparison, RunCondition, RunField } from '../../core/run-query.ts';

export interface SqlCondition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
  /** True where the SQL means exactly the condition, so that it may be negated and needs no second look. */
  readonly exact: boolean;
}

/** Beyond so many values a question is settled by core alone: SQL has limits of its own. */
const valueLimit = 400;

type Kind = 'text' | 'number';
const columns: { readonly [field: string]: readonly [column: string, kind: Kind] | undefined } = {
  run_key: ['r.run_key', 'text'],
  message: ['r.message', 'text'],
  author: ['r.author', 'text'],
  created: ['r.created_utc', 'text'],
  status: ['r.status', 'text'],
  artifacts: ['r.output_count', 'number'],
  engine_version: ['r.engine_version', 'text'],
  config_version: ['r.config_version', 'text'],
  config_hash: ['r.config_hash', 'text'],
  dataset_id: ['r.dataset_id_v2', 'text'],
  git_commit: ['r.git_commit', 'text'],
};
const signs: { readonly [op in Comparison]: string } = {
  '==': '=',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const numberTypes = "v.type IN ('integer', 'real')";

/** A value that is there: which SQL says that it is there, and which that it compares so with a constant. */
interface Subject {
  readonly there: (inner: string, values: readonly (string | number)[]) => SqlCondition;
  readonly compare: (sign: string, value: JsonValue) => SqlCondition | undefined;
  readonly isText: string;
  /** Anything but false. */
  readonly isTrue: string;
}

const always = (sql: string): SqlCondition => ({ sql, values: [], exact: true });

function plainSubject(column: string, kind: Kind, there: Subject['there']): Subject {
  return {
    there,
    isText: kind === 'text' ? '1' : '0',
    isTrue: '1',
    compare: (sign, value) => {
      const fits = kind === 'text' ? typeof value === 'string' : typeof value === 'number';
      if (!fits || (typeof value !== 'string' && typeof value !== 'number')) return undefined;
      return { sql: `${column} ${sign} ?`, values: [value], exact: true };
    },
  };
}

function subjectOf({ kind, path }: RunField): Subject | undefined {
  if (kind === 'own') {
    const [column, type] = columns[path[0] ?? ''] ?? [];
    if (column === undefined || type === undefined) return undefined;
    return plainSubject(column, type, (inner, values) => ({
      sql: `(${column} IS NOT NULL AND ${inner})`,
      values,
      exact: true,
    }));
  }
  // What is inside of a parameter is core's business.
  if (kind === 'param' && path.length > 1) return undefined;
  const name = path.join('.');
  const there: Subject['there'] = (inner, values) => ({
    sql: `EXISTS (SELECT 1 FROM run_${kind} v WHERE v.run_id = r.run_id AND v.name_id = (SELECT text_id FROM text WHERE text = ?) AND ${inner})`,
    values: [name, ...values],
    exact: true,
  });
  if (kind !== 'param') return plainSubject('v.value', kind === 'metric' ? 'number' : 'text', there);
  return {
    there,
    isText: "v.type = 'text'",
    isTrue: "v.type <> 'false'",
    compare: (sign, value) => {
      if (typeof value === 'number')
        return { sql: `(${numberTypes} AND v.value ${sign} ?)`, values: [value], exact: true };
      if (typeof value === 'string')
        return { sql: `(v.type = 'text' AND v.value ${sign} ?)`, values: [value], exact: true };
      return sign === '=' ? always(`v.type = '${String(value)}'`) : undefined;
    },
  };
}

function join(op: 'and' | 'or', parts: readonly SqlCondition[], exact: boolean): SqlCondition {
  return {
    sql: `(${parts.map(({ sql }) => sql).join(op === 'and' ? ' AND ' : ' OR ')})`,
    values: parts.flatMap(({ values }) => values),
    exact,
  };
}

function compile(condition: RunCondition): SqlCondition | undefined {
  switch (condition.op) {
    case 'and':
    case 'or': {
      const parts = condition.terms.map(compile);
      const known = parts.filter((part) => part !== undefined);
      if (known.length === 0 || (condition.op === 'or' && known.length < parts.length)) return undefined;
      return join(condition.op, known, known.length === parts.length && known.every(({ exact }) => exact));
    }
    case 'not': {
      const inner = compile(condition.term);
      return inner?.exact === true ? { ...inner, sql: `NOT ${inner.sql}` } : undefined;
    }
    default: {
      const subject = subjectOf(condition.field);
      if (subject === undefined) return undefined;
      if (condition.op === 'has') return subject.there(subject.isTrue, []);
      if (condition.op === '~') return { ...subject.there(subject.isText, []), exact: false };
      if (condition.op === 'in') {
        const equals = condition.values
          .map((value) => subject.compare('=', value))
          .filter((part) => part !== undefined);
        if (equals.length === 0) return always('0');
        const any = join('or', equals, true);
        return subject.there(any.sql, any.values);
      }
      if (condition.op === '!=') {
        const equal = subject.compare('=', condition.value);
        return subject.there(equal === undefined ? '1' : `NOT (${equal.sql})`, equal?.values ?? []);
      }
      const compared = subject.compare(signs[condition.op], condition.value);
      return compared === undefined ? always('0') : subject.there(compared.sql, compared.values);
    }
  }
}

/** Everything passes where SQL has nothing to say. */
export function sqlCondition(condition: RunCondition | undefined): SqlCondition {
  if (condition === undefined) return always('1');
  const compiled = compile(condition);
  return compiled === undefined || compiled.values.length > valueLimit ? { ...always('1'), exact: false } : compiled;
}
