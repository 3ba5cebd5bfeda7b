/**
 * Rewrites a parsed expression: `a && b` becomes `a ? b : false`, `a || b` becomes `a ? true : b`, so that an error ends the
 * evaluation instead of being outvoted; `has(a.b)` becomes `@has(a, "b")`, which asks for a value without using it; and the condition of every macro's loop is wrapped in `@step`, which counts its rounds.
 */
import type { parse } from '@bufbuild/cel';

type Expression = ReturnType<typeof parse>['expr'];

export interface StrictExpression {
  readonly expression: Expression;
  /** Names that it reads and no macro of its own binds. */
  readonly names: ReadonlySet<string>;
}

const typeName = 'cel.expr.Expr';

function constant(like: Expression, value: boolean | bigint | string): Expression {
  const constantKind =
    typeof value === 'boolean'
      ? ({ case: 'boolValue', value } as const)
      : typeof value === 'string'
        ? ({ case: 'stringValue', value } as const)
        : ({ case: 'int64Value', value } as const);
  return {
    $typeName: typeName,
    id: like.id,
    exprKind: { case: 'constExpr', value: { $typeName: 'cel.expr.Constant', constantKind } },
  };
}

function call(like: Expression, name: string, args: Expression[]): Expression {
  return {
    $typeName: typeName,
    id: like.id,
    exprKind: { case: 'callExpr', value: { $typeName: 'cel.expr.Expr.Call', function: name, args } },
  };
}

class Rewriter {
  /** Identifiers that no macro binds. */
  readonly names = new Set<string>();
  #bound: string[] = [];
  #size = 0;

  /** The expression made strict; its parts are changed in place. */
  rewrite(expression: Expression): Expression {
    this.#size++;
    const { exprKind } = expression;
    switch (exprKind.case) {
      case 'identExpr':
        if (!this.#bound.includes(exprKind.value.name)) this.names.add(exprKind.value.name);
        return expression;
      case 'selectExpr':
        return this.#select(expression, exprKind.value);
      case 'listExpr':
        exprKind.value.elements = exprKind.value.elements.map((element) => this.rewrite(element));
        return expression;
      case 'structExpr':
        for (const entry of exprKind.value.entries) {
          if (entry.keyKind.case === 'mapKey') entry.keyKind.value = this.rewrite(entry.keyKind.value);
          if (entry.value !== undefined) entry.value = this.rewrite(entry.value);
        }
        return expression;
      case 'callExpr':
        return this.#call(expression, exprKind.value);
      case 'comprehensionExpr':
        this.#loop(exprKind.value);
        return expression;
      default:
        return expression;
    }
  }

  #call(expression: Expression, value: Extract<Expression['exprKind'], { case: 'callExpr' }>['value']): Expression {
    if (value.target !== undefined) value.target = this.rewrite(value.target);
    value.args = value.args.map((arg) => this.rewrite(arg));
    const { function: name, args } = value;
    if (name !== '_&&_' && name !== '_||_') return expression;
    return args.reduceRight((rest, arg) =>
      name === '_&&_'
        ? call(expression, '_?_:_', [arg, rest, constant(expression, false)])
        : call(expression, '_?_:_', [arg, constant(expression, true), rest]),
    );
  }

  #select(expression: Expression, value: Extract<Expression['exprKind'], { case: 'selectExpr' }>['value']): Expression {
    if (value.operand === undefined) return expression;
    value.operand = this.rewrite(value.operand);
    return value.testOnly ? call(expression, '@has', [value.operand, constant(expression, value.field)]) : expression;
  }

  #loop(loop: Extract<Expression['exprKind'], { case: 'comprehensionExpr' }>['value']): void {
    if (loop.iterRange !== undefined) loop.iterRange = this.rewrite(loop.iterRange);
    if (loop.accuInit !== undefined) loop.accuInit = this.rewrite(loop.accuInit);
    this.#bound = [...this.#bound, loop.iterVar, loop.accuVar];
    const before = this.#size;
    if (loop.loopStep !== undefined) loop.loopStep = this.rewrite(loop.loopStep);
    if (loop.loopCondition !== undefined) {
      const condition = this.rewrite(loop.loopCondition);
      const cost = constant(condition, BigInt(1 + Math.floor((this.#size - before) / 8)));
      loop.loopCondition = call(condition, '@step', [cost, condition]);
    }
    if (loop.result !== undefined) loop.result = this.rewrite(loop.result);
    this.#bound = this.#bound.slice(0, -2);
  }
}

export function makeStrict(expression: Expression): StrictExpression {
  const rewriter = new Rewriter();
  return { expression: rewriter.rewrite(expression), names: rewriter.names };
}
