/**
 * Evidence as it lies in a file, read for an evaluation. Nothing that a file holds makes this throw: what cannot be read is an
 * error in the content, and what does not fit its role's schema is a fault beside the value. Both block.
 */
import { utf8Decode } from '../bytes.ts';
import { isCodedError } from '../errors.ts';
import { jsonPath } from '../json-value.ts';
import { isLosslessObject, type LosslessValue, parseLosslessJson } from '../lossless-json.ts';
import { parseCsv } from './csv.ts';
import {
  type EvidenceContent,
  type EvidenceFault,
  type EvidenceFormat,
  isEvidenceRole,
  tableRoles,
} from './evidence.ts';
import { tableRows } from './table-rows.ts';

/** A larger file is not read. */
export const evidenceSizeLimit = 32 * 1024 * 1024;
/** Of the faults of one file, so many are told. */
const faultLimit = 20;

function parse(role: string, text: string, format: 'json' | 'csv'): LosslessValue {
  if (format === 'csv') return parseCsv(text, role, role === 'regime_summary' ? ['regime'] : []);
  const value = parseLosslessJson(text, role);
  return tableRoles.includes(role) ? (tableRows(value) ?? value) : value;
}

async function faultsOf(role: string, value: LosslessValue): Promise<EvidenceFault[]> {
  if (!isEvidenceRole(role)) return [];
  const { evidenceSchemas } = await import('./evidence-schemas.ts');
  const result = evidenceSchemas[role].safeParse(value);
  if (result.success) return [];
  return result.error.issues.slice(0, faultLimit).map(({ path, code, message, ...issue }) => ({
    path: jsonPath(path as (string | number)[]),
    why: message === 'Invalid input' ? expected(code, issue) : message,
  }));
}

function expected(code: string, issue: object): string {
  const wanted =
    'expected' in issue
      ? { array: 'a list', object: 'an object', record: 'an object' }[String(issue.expected)]
      : undefined;
  if (wanted !== undefined) return `must be ${wanted}`;
  return code === 'invalid_union' ? 'must be a list of numbers, or an object of numbers' : 'has another type';
}

/** What a file of evidence says. `format` as `evidenceFormat` gives it. */
export async function readEvidence(role: string, bytes: Uint8Array, format: EvidenceFormat): Promise<EvidenceContent> {
  if (format === 'opaque') return { value: null, faults: [] };
  if (bytes.length > evidenceSizeLimit) return { error: `${role}: more than ${evidenceSizeLimit} bytes` };
  let text: string;
  try {
    text = utf8Decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { error: `${role}: not valid UTF-8` };
  }
  let value: LosslessValue;
  try {
    value = parse(role, text, format);
  } catch (error) {
    if (!isCodedError(error, 'BAD_JSON')) throw error;
    return { error: error.message };
  }
  if (isEvidenceRole(role) && !tableRoles.includes(role) && !isLosslessObject(value)) {
    return { error: `${role}: the file must hold one object` };
  }
  return { value, faults: await faultsOf(role, value) };
}
