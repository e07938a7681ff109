import { closeSync, createWriteStream, linkSync, openSync, promises, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type StitchablePart, stitchablePart, stitchedFile } from '../../../parquet/stitched-file.js';
import type { QueryBounds, QueryTable } from '../../../ports/query-engine.js';
import { beginsWithMark, withoutMark } from '../files/byte-order-mark.js';
import type { TableFiles } from '../files/table-files.js';

/**
 * The files of tables: contents that have none of their own are written to the workspace, the small ones of a series that
 * follow each other and have the same columns into one. `names` gets how people know them.
 */
export const filesOf = async (
  tables: readonly QueryTable[],
  { workspace, signal }: QueryBounds,
  names: Map<string, string>,
): Promise<readonly TableFiles[]> => {
  const found: TableFiles[] = [];
  for (const table of tables) found.push(await filesOfTable(table, { workspace, signal, names }));
  return found;
};

interface Spooling extends Pick<QueryBounds, 'workspace' | 'signal'> {
  readonly names: Map<string, string>;
}

const filesOfTable = async (
  table: QueryTable,
  { workspace, signal, names }: Spooling,
): Promise<TableFiles> => {
  const files: string[] = [];
  const filenames: string[] = [];
  const add = (file: string, nameOf: string | undefined): void => {
    files.push(file);
    names.set(file, nameOf ?? table.path ?? table.name);
    if (nameOf !== undefined) filenames.push(nameOf);
  };
  // What another session has left in the workspace may be a link to a file that is kept: it is not written into.
  const fresh = (): string => {
    const file = join(workspace, `${names.size}.${table.format}`);
    rmSync(file, { force: true });
    return file;
  };
  const run = partsInARow((pieces, nameOf) => {
    const file = fresh();
    writePieces(file, pieces);
    add(file, nameOf);
  });
  const isMarked = (file: string): boolean => table.format === 'json' && beginsWithMark(file);
  const canBeStitched = table.format === 'parquet' && (table.reader?.options.trim() ?? '') === '';
  for (const [index, content] of table.contents.entries()) {
    const nameOf = table.filenames?.[index];
    // Two names for one file would make the column `filename` ambiguous.
    const isOfAnother = nameOf !== undefined && 'file' in content && files.includes(content.file);
    if ('file' in content && !isPattern(content.file) && !isOfAnother && !isMarked(content.file)) {
      run.end();
      add(content.file, nameOf);
      continue;
    }
    if ('link' in content && content.link !== undefined && !isMarked(content.link)) {
      run.end();
      const file = fresh();
      if (isLinked(content.link, file)) {
        add(file, nameOf);
        continue;
      }
    }
    const bytes = 'file' in content ? (await promises.open(content.file)).createReadStream() : content;
    const small = await spool(table.format === 'json' ? withoutMark(bytes) : bytes, signal, (rest) => {
      run.end();
      const file = fresh();
      add(file, nameOf);
      return pipeline(rest, createWriteStream(file, { mode: 0o600 }), { signal });
    });
    if (small !== null) run.add(small, canBeStitched ? stitchablePart(small) : null, nameOf);
  }
  run.end();
  return { table: table.filenames === undefined ? table : { ...table, filenames }, files };
};

/** Tells whether a file could be linked; it may be gone, or on another device. */
const isLinked = (file: string, to: string): boolean => {
  try {
    linkSync(file, to);
    return true;
  } catch {
    return false;
  }
};

/** Bytes of contents that are held until they are written as one file. */
const MOST_HELD = 8 * 1024 * 1024;

interface PartsInARow {
  /** Takes a content; `part`: null where it is a file by itself. */
  readonly add: (bytes: Uint8Array, part: StitchablePart | null, nameOf: string | undefined) => void;
  /** Writes what is held. */
  readonly end: () => void;
}

/** Collects small contents of one kind that follow each other, and writes each row of them as one file. */
const partsInARow = (
  write: (pieces: readonly Uint8Array[], nameOf: string | undefined) => void,
): PartsInARow => {
  let held: StitchablePart[] = [];
  let size = 0;
  let name: string | undefined;
  const end = (): void => {
    const [first] = held;
    if (first !== undefined) write(held.length === 1 ? [first.bytes] : stitchedFile(held), name);
    held = [];
    size = 0;
  };
  return {
    end,
    add: (bytes, part, nameOf) => {
      const isNext =
        part !== null &&
        size + bytes.length <= MOST_HELD &&
        nameOf === name &&
        held[0]?.kind.equals(part.kind);
      if (isNext !== true) end();
      if (part === null) {
        write([bytes], nameOf);
        return;
      }
      held.push(part);
      size += bytes.length;
      name = nameOf;
    },
  };
};

const writePieces = (file: string, pieces: readonly Uint8Array[]): void => {
  const opened = openSync(file, 'wx', 0o600);
  try {
    for (const piece of pieces) writeFileSync(opened, piece);
  } finally {
    closeSync(opened);
  }
};

/** Bytes of a content that is taken whole: the many small ones of a series would wait for a stream each. */
const AT_ONCE = 1024 * 1024;

/** A content that is small; null: it is not, and went where `large` wrote it. */
const spool = async (
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  large: (all: Readable) => Promise<void>,
): Promise<Uint8Array | null> => {
  const chunks = content[Symbol.asyncIterator]();
  const gathered: Uint8Array[] = [];
  let size = 0;
  try {
    for (let next = await chunks.next(); ; next = await chunks.next()) {
      signal.throwIfAborted();
      if (next.done === true) return joined(gathered);
      // A source may use its buffer for its next chunk.
      gathered.push(new Uint8Array(next.value));
      size += next.value.length;
      if (size > AT_ONCE) break;
    }
    await large(Readable.from(rest(gathered, chunks), { objectMode: true }));
    return null;
  } finally {
    await chunks.return?.();
  }
};

const joined = (chunks: readonly Uint8Array[]): Uint8Array => {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
};

async function* rest(
  gathered: readonly Uint8Array[],
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* gathered;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
}

/** The engine takes names of files for patterns. */
const isPattern = (file: string): boolean => /[*?[\]{}]/.test(file);
