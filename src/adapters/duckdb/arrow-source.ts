/**
 * Arrow IPC, file and stream. DuckDB reads none, so the record batches go through the package of the Arrow project into a
 * temporary table, which DuckDB keeps on disk when it is large.
 */
import { open } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import { type DuckDBConnection, DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api';
import * as arrow from 'apache-arrow';
import type { TableFile } from '../../ports/tables.ts';
import { ArrowMisfit, duckDbTypeOf, valuesOf } from './arrow-values.ts';
import type { RawSource } from './raw-source.ts';
import { isOutOfRoom, tableError, tableInvalid } from './table-errors.ts';

const chunkRows = 2048;
let tables = 0;

// The package brings no codec. Node has zstd and no LZ4, which says so itself (`codecMissing`).
arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, {
  decode: (bytes) => new Uint8Array(zstdDecompressSync(bytes)),
});

const codecMissing = /codec|compress/i;

function misfit(file: TableFile, error: unknown, column?: string): Error {
  const place = column === undefined ? {} : { column };
  if (error instanceof ArrowMisfit) return tableInvalid(file, error.message, 'columns', place, error);
  if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') {
    return tableInvalid(file, 'the file is not there', 'unreadable', {}, error);
  }
  if (isOutOfRoom(error)) return tableError(file, error);
  const text = error instanceof Error ? error.message : String(error);
  const why = codecMissing.test(text)
    ? 'it is compressed in a way that cairn cannot read: write it uncompressed or with zstd'
    : 'it is no Arrow file, or a part of one';
  return tableInvalid(file, why, 'unreadable', place, error);
}

interface ArrowColumn {
  readonly name: string;
  readonly type: DuckDBType;
  readonly isNull: boolean;
}

function columnOf(file: TableFile, field: arrow.Field): ArrowColumn {
  try {
    const isNull = arrow.DataType.isNull(field.type);
    return { name: field.name, type: duckDbTypeOf(field.type), isNull };
  } catch (error) {
    throw misfit(file, error, field.name);
  }
}

/** Rows of one record batch, a chunk at a time. */
function appendBatch(
  file: TableFile,
  batch: arrow.RecordBatch,
  columns: readonly ArrowColumn[],
  append: (chunk: DuckDBDataChunk) => void,
  rowsBefore: number,
): void {
  const values = columns.map((_, index) => valuesOf(batch.data.children[index] as arrow.Data));
  for (let start = 0; start < batch.numRows; start += chunkRows) {
    const count = Math.min(chunkRows, batch.numRows - start);
    const chunk = DuckDBDataChunk.create(
      columns.map(({ type }) => type),
      count,
    );
    for (const [index, { name }] of columns.entries()) {
      const at = values[index] as (row: number) => ReturnType<(typeof values)[number]>;
      let row = start;
      try {
        chunk.setColumnValues(
          index,
          Array.from({ length: count }, (_, offset) => {
            row = start + offset;
            return at(row);
          }),
        );
      } catch (error) {
        if (!(error instanceof ArrowMisfit)) throw error;
        throw tableInvalid(file, error.message, 'casts', { row: rowsBefore + row + 1, column: name }, error);
      }
    }
    append(chunk);
  }
}

export async function arrowSource(connection: DuckDBConnection, file: TableFile): Promise<RawSource> {
  const name = `cairn_arrow_${++tables}`;
  let made = false;
  const release = async (): Promise<void> => {
    if (made) await connection.run(`DROP TABLE temp.${name}`);
  };
  const handle = await open(file.path).catch((error: unknown) => {
    throw misfit(file, error);
  });
  try {
    const reader = await arrow.RecordBatchReader.from(handle);
    await reader.open({ autoDestroy: false });
    if (reader.schema === undefined) throw new Error('there is no schema');
    const columns = reader.schema.fields.map((field) => columnOf(file, field));
    const declared = columns.map(({ type }, index) => `c${index} ${type.toString()}`);
    if (columns.length > 0) {
      await connection.run(`CREATE TEMP TABLE ${name} (${declared.join(', ')})`);
      made = true;
      const appender = await connection.createAppender(name, 'main', 'temp');
      let rows = 0;
      try {
        for await (const batch of reader) {
          appendBatch(file, batch, columns, (chunk) => appender.appendDataChunk(chunk), rows);
          rows += batch.numRows;
        }
      } finally {
        appender.closeSync();
      }
    }
    return {
      from: columns.length > 0 ? `temp.${name}` : '(SELECT 1 WHERE false)',
      columns: columns.map((column, index) => ({
        name: column.name,
        expression: `c${index}`,
        type: column.isNull ? ('null' as const) : column.type,
      })),
      release,
    };
  } catch (error) {
    await release();
    throw error instanceof Error && error.name === 'CodedError' ? error : misfit(file, error);
  } finally {
    await handle.close().catch((error: unknown) => {
      // The package closes what it has read to the end.
      if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'EBADF') throw error;
    });
  }
}
