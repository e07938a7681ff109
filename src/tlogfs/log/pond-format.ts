import type { TLogError } from '../tlog.js';
import type { MetaData } from './log-entry.js';
import type { TableState } from './table-state.js';

/**
 * The format of a pond: what a version of pond must know to understand all that is in it. It stands in the
 * configuration of the Delta table, which other engines keep and do not heed, and goes wherever the log goes. It is
 * raised whenever older versions would pass over something that they do not know, and stop with `PondTooNew` instead.
 * Format 1, that of ponds which do not say it, is that of version 0.1.0, which does not look.
 */
export const POND_FORMAT = 4;

/** The format of a pond as it is made. */
export const FORMAT_OF_NEW_PONDS = 2;

/** The format of a pond with packed log entries: who does not know packs would take them for lost. */
export const FORMAT_WITH_PACKS = 3;

/** The format of a pond in which contents were forgotten: who does not know that would take its rows for damaged. */
export const FORMAT_WITH_FORGOTTEN = 4;

/** Key of the marker in the table's metadata. */
export const FORMAT_KEY = 'pond.format';

/** The format that a pond says it has, as a number; 1 where it does not say it. */
export const formatOf = ({ configuration }: MetaData): number => Number(configuration[FORMAT_KEY] ?? 1);

/** Format that a pond says it has, where this version does not know it; else null. */
export const unknownFormat = ({ configuration }: MetaData): string | null => {
  const format = configuration[FORMAT_KEY];
  if (format === undefined || format === null) return null;
  return /^[1-9][0-9]{0,8}$/.test(format) && Number(format) <= POND_FORMAT ? null : format;
};

/** Throws `PondTooNew` where a table is of a format that this version does not know. */
export const refuseUnknownFormat = (dataDir: string, { metaData }: Pick<TableState, 'metaData'>): void => {
  const format = unknownFormat(metaData);
  if (format !== null) {
    throw { _tag: 'PondTooNew', path: dataDir, format, known: POND_FORMAT } satisfies TLogError;
  }
};
