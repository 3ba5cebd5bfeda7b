/**
 * The memory of DuckDB's vectors as column data. It is copied out, so it outlives its chunk. A text of up to 12 bytes lies in
 * the vector itself; of a longer one the vector has a pointer, and following one from here costs a microsecond. So the
 * query can hand over longer texts in pieces of 12 bytes (`pieces`, see table-reading.ts), which are put together here.
 */
import type { DuckDBDecimalType, DuckDBListType, DuckDBMapType, DuckDBStructType, DuckDBType } from '@duckdb/node-api';
import { DuckDBTypeId } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { assertInvariant } from '../../core/errors.ts';
import type { BytesData, ColumnData, Layout, ListData } from '../../core/table-content/column-data.ts';

type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>;

export const pieceSize = 12;
const entrySize = 16;

const layouts: { readonly [id: number]: Layout } = {
  [DuckDBTypeId.BOOLEAN]: 'u8',
  [DuckDBTypeId.TINYINT]: 'i8',
  [DuckDBTypeId.SMALLINT]: 'i16',
  [DuckDBTypeId.INTEGER]: 'i32',
  [DuckDBTypeId.SQLNULL]: 'i32',
  [DuckDBTypeId.BIGINT]: 'i64',
  [DuckDBTypeId.UTINYINT]: 'u8',
  [DuckDBTypeId.USMALLINT]: 'u16',
  [DuckDBTypeId.UINTEGER]: 'u32',
  [DuckDBTypeId.UBIGINT]: 'u64',
  [DuckDBTypeId.HUGEINT]: 'i128',
  [DuckDBTypeId.UHUGEINT]: 'u128',
  [DuckDBTypeId.FLOAT]: 'f32',
  [DuckDBTypeId.DOUBLE]: 'f64',
  [DuckDBTypeId.UUID]: 'i128',
  [DuckDBTypeId.DATE]: 'i32',
  [DuckDBTypeId.TIME]: 'i64',
  [DuckDBTypeId.TIME_NS]: 'i64',
  [DuckDBTypeId.TIME_TZ]: 'u64',
  [DuckDBTypeId.TIMESTAMP]: 'i64',
  [DuckDBTypeId.TIMESTAMP_NS]: 'i64',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'i64',
  [DuckDBTypeId.INTERVAL]: 'i128',
};

function layoutOf(type: DuckDBType): Layout {
  if (type.typeId === DuckDBTypeId.DECIMAL) {
    const { width } = type as DuckDBDecimalType;
    return width <= 4 ? 'i16' : width <= 9 ? 'i32' : width <= 18 ? 'i64' : 'i128';
  }
  const layout = layouts[type.typeId];
  assertInvariant(layout !== undefined, `a vector of type ${String(type)}`);
  return layout;
}

/** The mask of a vector; undefined when all of its values are there. */
function validOf(vector: Vector, count: number): Uint8Array | undefined {
  const mask: Uint8Array | null = duckdb.vector_get_validity(vector, 8 * Math.ceil(count / 64));
  if (!mask) return undefined;
  const whole = count >> 3;
  for (let index = 0; index < whole; index++) if (mask[index] !== 0xff) return mask;
  const rest = (1 << (count & 7)) - 1;
  return ((mask[whole] ?? 0xff) & rest) === rest ? undefined : mask;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function readBytes(vector: Vector, count: number, pieces: readonly Vector[]): BytesData {
  const valid = validOf(vector, count);
  const memory = duckdb.vector_get_data(vector, count * entrySize);
  const entries = viewOf(memory);
  const lengths = new Uint32Array(count);
  let total = 0;
  for (let row = 0; row < count; row++) {
    if (valid !== undefined && (((valid[row >> 3] as number) >> (row & 7)) & 1) === 0) continue;
    const length = entries.getUint32(row * entrySize, true);
    lengths[row] = length;
    total += length;
  }
  // Twelve bytes are copied at once, whatever the length: there is room behind the last one.
  const bytes = new Uint8Array(total + pieceSize);
  const into = viewOf(bytes);
  const copyPiece = (from: DataView, entry: number, at: number): void => {
    into.setUint32(at, from.getUint32(entry + 4, true), true);
    into.setUint32(at + 4, from.getUint32(entry + 8, true), true);
    into.setUint32(at + 8, from.getUint32(entry + 12, true), true);
  };
  const parts = pieces.map((piece) => viewOf(duckdb.vector_get_data(piece, count * entrySize)));
  const longest = parts.length * pieceSize;
  let at = 0;
  for (let row = 0; row < count; row++) {
    const length = lengths[row] as number;
    const entry = row * entrySize;
    if (length <= pieceSize) copyPiece(entries, entry, at);
    else if (length <= longest) {
      for (let done = 0, part = 0; done < length; done += pieceSize, part++) {
        copyPiece(parts[part] as DataView, entry, at + done);
      }
    } else {
      const buffer = memory.buffer as ArrayBuffer;
      bytes.set(duckdb.get_data_from_pointer(buffer, memory.byteOffset + entry + 8, length), at);
    }
    at += length;
  }
  return { kind: 'bytes', count, valid, lengths, bytes: bytes.subarray(0, total) };
}

function readList(vector: Vector, count: number, elementOf: (child: Vector, count: number) => ColumnData): ListData {
  const valid = validOf(vector, count);
  const entries = viewOf(duckdb.vector_get_data(vector, count * entrySize));
  const starts = new Uint32Array(count);
  const lengths = new Uint32Array(count);
  for (let row = 0; row < count; row++) {
    if (valid !== undefined && (((valid[row >> 3] as number) >> (row & 7)) & 1) === 0) continue;
    starts[row] = entries.getUint32(row * entrySize, true);
    lengths[row] = entries.getUint32(row * entrySize + 8, true);
  }
  const child = elementOf(duckdb.list_vector_get_child(vector), duckdb.list_vector_get_size(vector));
  return { kind: 'list', count, valid, starts, lengths, child };
}

function readStruct(vector: Vector, count: number, types: readonly DuckDBType[]): ColumnData {
  const members = types.map((type, index) => readVector(duckdb.struct_vector_get_child(vector, index), type, count));
  return { kind: 'struct', count, valid: validOf(vector, count), members };
}

/** `pieces`: further vectors with the bytes of texts that are longer than one piece. */
export function readVector(
  vector: Vector,
  type: DuckDBType,
  count: number,
  pieces: readonly Vector[] = [],
): ColumnData {
  switch (type.typeId) {
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.BLOB:
      return readBytes(vector, count, pieces);
    case DuckDBTypeId.LIST: {
      const { valueType } = type as DuckDBListType;
      return readList(vector, count, (child, size) => readVector(child, valueType, size));
    }
    case DuckDBTypeId.MAP: {
      const { keyType, valueType } = type as DuckDBMapType;
      return readList(vector, count, (child, size) => readStruct(child, size, [keyType, valueType]));
    }
    case DuckDBTypeId.STRUCT:
      return readStruct(vector, count, (type as DuckDBStructType).entryTypes);
    default: {
      const layout = layoutOf(type);
      const width = Number(layout.slice(1)) >> 3;
      return {
        kind: 'fixed',
        layout,
        count,
        valid: validOf(vector, count),
        bytes: duckdb.vector_get_data(vector, count * width),
        scale: type.typeId === DuckDBTypeId.DECIMAL ? (type as DuckDBDecimalType).scale : 0,
      };
    }
  }
}

/** Columns of a chunk; column `index` has its pieces at `pieces[index]`. */
export function readChunk(
  chunk: Parameters<typeof duckdb.data_chunk_get_vector>[0],
  count: number,
  types: readonly DuckDBType[],
  pieces: readonly (readonly number[])[],
): ColumnData[] {
  const vector = (index: number): Vector => duckdb.data_chunk_get_vector(chunk, index);
  return types.map((type, index) => readVector(vector(index), type, count, (pieces[index] ?? []).map(vector)));
}
