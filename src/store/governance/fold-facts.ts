/**
 * Fold causality recomputed: the split plan in evidence held against the times of the dataset, read from the dataset's own
 * file. The dataset is the artifact in evidence as `dataset`; without one it is the only table with a column of times among the
 * inputs of the candidate's run, or, where that run reads none, of the nearest run behind it that does.
 *
 * Whatever goes wrong is an outcome, and blocks: a plan that nobody could check is not believed.
 */
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { ArtifactId, RunId } from '../../core/ids.ts';
import type { LosslessValue } from '../../core/lossless-json.ts';
import type { FoldCheckFacts } from '../../core/records/facts.ts';
import { tableFormatOfName } from '../../core/table-format.ts';
import type { ArtifactEntry } from '../../ports/manifest.ts';
import type { TableTimes } from '../../ports/tables.ts';
import { readRecord } from '../objects/object-reader.ts';
import { readRun } from '../runs/compare-runs.ts';
import { readableBlob } from '../runs/read-content.ts';
import { TableFiles } from '../tables/table-files.ts';
import type { GovernanceContext } from './context.ts';
import { datasetRole, type EvidenceFile, inAncestry, placesOf } from './evidence-files.ts';

/** Columns that are times by their name, the likeliest first, where no specification says which is. */
const timeColumns = ['ts_utc', 'ts', 'timestamp', 'datetime', 'date', 'time'];
/** Tables that are looked into, and runs whose inputs are asked for. */
const tableLimit = 64;
const runLimit = 1000;

interface DatasetTimes {
  readonly artifact: ArtifactId;
  readonly times: TableTimes['times'];
}

/** What the specification says under which the table's content was recorded: the same on every machine, as `cairn.yaml` is not. */
async function recordedTime(context: GovernanceContext, { content }: ArtifactEntry): Promise<string | undefined> {
  if (content === undefined) return undefined;
  const { parseTableSpecRecord } = await import('../../core/records/parse-record.ts');
  return parseTableSpecRecord(await readRecord(context, content.spec)).time;
}

async function timesOf(
  context: GovernanceContext,
  files: TableFiles,
  entry: ArtifactEntry,
): Promise<DatasetTimes | undefined> {
  const object = await readableBlob(context, entry.id);
  const time = await recordedTime(context, entry);
  const columns = time === undefined ? timeColumns : [time];
  const file = await files.ofObject(object, entry.logicalKey, [entry.logicalKey]);
  const found = await context.tables.times(file, columns);
  return found === undefined ? undefined : { artifact: entry.id, times: found.times };
}

function unclear(why: string): CodedError {
  return new CodedError('BAD_ARGUMENT', `${why}: name it with --evidence ${datasetRole}=<file>`);
}

/** The tables among some inputs that have times. */
async function tablesWithTimes(
  context: GovernanceContext,
  files: TableFiles,
  inputs: readonly ArtifactId[],
): Promise<DatasetTimes[]> {
  const entries = (await context.manifest.artifacts(inputs)).filter((entry) => entry !== undefined);
  const tables = entries.filter(({ logicalKey }) => tableFormatOfName(logicalKey) !== undefined);
  if (tables.length > tableLimit) throw unclear(`the run has ${tables.length} tables as inputs`);
  const found: DatasetTimes[] = [];
  for (const entry of tables) {
    const times = await timesOf(context, files, entry);
    if (times !== undefined) found.push(times);
  }
  return found;
}

async function ownDataset(
  context: GovernanceContext,
  files: TableFiles,
  run: RunId,
  [item, other]: readonly EvidenceFile[],
): Promise<DatasetTimes | undefined> {
  if (item === undefined) return undefined;
  if (other !== undefined) throw unclear('more than one artifact is in evidence as the dataset');
  const [place] = await placesOf(context, run, [item.artifact.id]);
  if (!inAncestry(place)) throw unclear(`the dataset ${item.artifact.logicalKey} is not one of the run's ancestry`);
  const times = await timesOf(context, files, item.artifact);
  if (times === undefined) throw unclear(`the dataset ${item.artifact.logicalKey} has no column of times`);
  return times;
}

async function datasetTimes(
  context: GovernanceContext,
  files: TableFiles,
  run: RunId,
  named: readonly EvidenceFile[],
): Promise<DatasetTimes> {
  const own = await ownDataset(context, files, run, named);
  if (own !== undefined) return own;
  const { runs } = await context.manifest.ancestry({ run, limit: runLimit });
  for (const ancestor of runs) {
    const record = await readRun(context, ancestor);
    const inputs = [...new Set(record.inputs.map(({ artifact }) => artifact))];
    const [one, ...others] = await tablesWithTimes(context, files, inputs);
    if (others.length > 0) throw unclear('the run has several tables with times as inputs');
    if (one !== undefined) return one;
  }
  throw unclear('no input of the run is a table with a column of times');
}

/** undefined when no split plan is in evidence. */
export async function foldCheckFacts(
  context: GovernanceContext,
  run: RunId,
  evidence: readonly EvidenceFile[],
): Promise<FoldCheckFacts | undefined> {
  const evidenceValue = (role: string): LosslessValue | undefined => {
    const content = evidence.find((file) => file.role === role)?.content;
    return content !== undefined && 'value' in content ? content.value : undefined;
  };
  const plan = evidence.find(({ role }) => role === 'split_plan')?.artifact.id;
  if (plan === undefined) return undefined;
  const value = evidenceValue('split_plan');
  if (value === undefined) return { plan, outcome: { error: 'the split plan cannot be read' } };
  const files = new TableFiles(context);
  try {
    const named = evidence.filter(({ role }) => role === datasetRole);
    const { artifact, times } = await datasetTimes(context, files, run, named);
    const { checkFolds } = await import('../../verify/fold-causality.ts');
    const attestation =
      evidenceValue('fold_causality_attestation') ?? attestationOf(evidenceValue('validation_bundle'));
    return { plan, dataset: artifact, outcome: checkFolds(value, times, attestation) };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { plan, outcome: { error: error.message } };
  } finally {
    await files.close();
  }
}

/** What a bundle carries of an attestation that is no file of its own. */
function attestationOf(bundle: LosslessValue | undefined): LosslessValue {
  const meta = memberOf(bundle, 'meta');
  return memberOf(meta, 'fold_causality_attestation') ?? null;
}

function memberOf(value: LosslessValue | undefined, name: string): LosslessValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as { readonly [key: string]: LosslessValue })[name] : undefined;
}
