/** The history of runs, newest first, as `log` shows it. */
import type { RefName, RunId } from '../../core/ids.ts';
import { parseRefName } from '../../core/names.ts';
import type { RunCondition, RunOrder } from '../../core/run-query.ts';
import type { Page, PageRequest, RunEntry } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { type RevisionContext, resolveRun } from './revision.ts';

export type { RunEntry };

export interface HistoryRequest {
  /** Whose ancestry; HEAD when left out. */
  readonly rev?: string | undefined;
  /** Every run of the store: other branches, failed and retired ones. */
  readonly all?: boolean | undefined;
  /** Only failed runs, which no branch leads to. */
  readonly failed?: boolean | undefined;
  /** Only runs that produced or removed one of these workspace paths, or something below it. */
  readonly paths?: readonly string[] | undefined;
  /** A question about all trials: without a revision every run of the store is looked through, failed ones too. */
  readonly where?: RunCondition | undefined;
  readonly order?: readonly RunOrder[] | undefined;
}

export interface History extends Page<RunEntry> {
  /** Names that stand for the runs of this page. */
  readonly refs: ReadonlyMap<RunId, readonly RefName[]>;
  /** Those of these names whose candidate does not stand any more. */
  readonly atRisk: ReadonlySet<RefName>;
  /** The ref of the workspace. */
  readonly head: RefName | undefined;
  /** True when nothing was asked for by name and the current branch has no run yet. */
  readonly unborn: boolean;
}

/** Refs by the run that they stand for. */
export async function refsByRun(context: Pick<StoreContext, 'manifest'>): Promise<Map<RunId, RefName[]>> {
  const names = new Map<RunId, RefName[]>();
  for (const { name, target } of await context.manifest.refs(''))
    names.set(target, [...(names.get(target) ?? []), name]);
  return names;
}

/** Accepted names whose candidate is at risk. */
async function riskyNames({ manifest }: Pick<StoreContext, 'manifest'>): Promise<Set<RefName>> {
  const { rows } = await manifest.listCandidates({ status: 'accepted', atRisk: true }, { limit: 0 });
  return new Set(rows.flatMap(({ name }) => name ?? []));
}

export async function currentRef(context: RevisionContext): Promise<RefName | undefined> {
  return context.state === undefined ? undefined : parseRefName(await context.state.head());
}

export async function historyOf(
  context: RevisionContext,
  request: HistoryRequest,
  page: PageRequest,
): Promise<History> {
  const head = await currentRef(context);
  const refs = await refsByRun(context);
  const hasAccepted = [...refs.values()].some((names) => names.some((name) => name.startsWith('accepted/')));
  const atRisk = hasAccepted ? await riskyNames(context) : new Set<RefName>();
  const compares = request.where !== undefined || request.order !== undefined;
  const everything =
    request.rev === undefined && (request.all === true || request.failed === true || compares || head === undefined);
  let from: RunId[] | undefined;
  if (request.rev !== undefined) from = [await resolveRun(context, request.rev)];
  else if (!everything && head !== undefined) {
    const tip = await context.manifest.ref(head);
    if (tip === undefined) return { rows: [], cursor: undefined, refs, atRisk, head, unborn: true };
    from = [tip];
  }
  const found = await context.manifest.listRuns(
    {
      from,
      status: request.failed === true ? 'failed' : undefined,
      paths: request.paths === undefined || request.paths.length === 0 ? undefined : request.paths,
      where: request.where,
      order: request.order,
    },
    page,
  );
  return { ...found, refs, atRisk, head, unborn: false };
}
