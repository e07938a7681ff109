import { extname } from 'node:path';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { ownValue } from '../../domain/own-value.js';
import { compressionOf, contentFormat } from '../../queries/content-format.js';
import { type UsageError, usage } from '../errors.js';
import type { RowsOut } from '../query/written-content.js';
import type { HostTarget } from './host-targets.js';
import type { OutgoingFile } from './outgoing-files.js';

const BY_ENDING: Readonly<Record<string, RowsOut>> = {
  csv: 'csv',
  json: 'json',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
  arrow: 'arrow',
  feather: 'arrow',
  ipc: 'arrow',
  arrows: 'arrow-stream',
};

/**
 * The form that the ending of a host file's name asks for, where rows of the pond go there that are in another one. Null: the
 * content goes out as it is.
 */
export const formatByName = ({ entry, path }: OutgoingFile, name: string): RowsOut | null => {
  const wanted = formOf(name);
  const present = contentFormat({ entryType: entry.entryType, path });
  if (wanted === null || isLeft(present)) return null;
  const isPlain = entry.entryType !== 'file' || compressionOf(path) === null;
  return isPlain && present.right === (wanted === 'jsonl' ? 'json' : wanted) ? null : wanted;
};

/** Form of rows that the ending of a name says; null: it says none. */
const formOf = (name: string): RowsOut | null =>
  ownValue(BY_ENDING, extname(name).slice(1).toLowerCase()) ?? null;

const TEXTS: ReadonlySet<RowsOut | null> = new Set(['csv', 'json', 'jsonl']);

/**
 * Refuses rows that would go to a name such as `north.csv.gz`: they are written plain, and nobody could read them under that name. A form
 * that is compressed inside and that somebody has named goes to any name.
 */
export const refuseCompressed = (
  targets: readonly HostTarget[],
  format: RowsOut | null,
): Either<UsageError, undefined> => {
  for (const { file, names } of targets) {
    const name = names.at(-1) ?? '';
    if (compressionOf(name) === null) continue;
    const plain = name.slice(0, name.length - extname(name).length);
    if (format === null ? isOfRows(file) && formOf(plain) !== null : TEXTS.has(format))
      return left(
        usage(
          `${name} says that it is compressed, and rows are written plain`,
          `copy to ${plain} and compress that, or say what is wanted under this name: --format parquet`,
        ),
      );
  }
  return right(undefined);
};

/** A file goes out as it is, and so does a compressed one that a factory makes. */
const isOfRows = ({ path, entry }: OutgoingFile): boolean =>
  entry.entryType !== 'file' && (entry.entryType !== 'file:dynamic' || compressionOf(path) === null);
