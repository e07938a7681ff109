import { extname } from 'node:path';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
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
  const wanted = BY_ENDING[/\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? null;
  const present = contentFormat({ entryType: entry.entryType, path });
  if (wanted === null || isLeft(present)) return null;
  const isPlain = entry.entryType !== 'file' || compressionOf(path) === null;
  return isPlain && present.right === (wanted === 'jsonl' ? 'json' : wanted) ? null : wanted;
};

/** Refuses rows that would go to a name such as `north.csv.gz`: they are written plain, and nobody could read them under that name. */
export const refuseCompressed = (targets: readonly HostTarget[]): Either<UsageError, undefined> => {
  for (const { file, names } of targets) {
    const name = names.at(-1) ?? '';
    const plain = name.slice(0, name.length - extname(name).length);
    const isOfRows = file.entry.entryType !== 'file' && extname(plain).slice(1).toLowerCase() in BY_ENDING;
    if (isOfRows && compressionOf(name) !== null)
      return left(
        usage(
          `${name} says that it is compressed, and rows are written plain`,
          `copy to ${plain} and compress that, or say what is wanted under this name: --format parquet`,
        ),
      );
  }
  return right(undefined);
};
