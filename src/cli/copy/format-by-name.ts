import { isLeft } from 'fp-ts/lib/Either.js';
import { compressionOf, contentFormat } from '../../queries/content-format.js';
import type { RowsOut } from '../query/written-content.js';
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
