import type { MetaData } from './log-entry.js';
import { FORMAT_KEY, FORMAT_OF_NEW_PONDS, FORMAT_WITH_FORGOTTEN, formatOf } from './pond-format.js';

/**
 * Properties that every pond's table has: its format, and that its log is kept. Another engine that writes a checkpoint
 * removes older log entries unless it is told not to, and with them the commits' history.
 */
export const TABLE_PROPERTIES = {
  'delta.enableExpiredLogCleanup': 'false',
  'delta.logRetentionDuration': 'interval 36500 days',
  [FORMAT_KEY]: String(FORMAT_OF_NEW_PONDS),
} as const;

/** Returns the metadata that the next commit gives a table that an older version made; null where it has all properties. */
export const withProperties = (metaData: MetaData): MetaData | null =>
  withFormat(metaData, FORMAT_OF_NEW_PONDS);

/** The metadata of a table with all properties and at least that format; null where it is that already. */
export const withFormat = (metaData: MetaData, least: number): MetaData | null => {
  const wanted = { ...TABLE_PROPERTIES, [FORMAT_KEY]: String(Math.max(least, formatOf(metaData))) };
  return Object.entries(wanted).every(([key, value]) => metaData.configuration[key] === value)
    ? null
    : { ...metaData, configuration: { ...metaData.configuration, ...wanted } };
};

/** The property of a table of which no engine that heeds it may write rows again. */
const APPEND_ONLY = 'delta.appendOnly';

/** The metadata of a table of which contents may be forgotten; null where it is that already. */
export const withForgetting = (metaData: MetaData): MetaData | null => {
  const marked = withFormat(metaData, FORMAT_WITH_FORGOTTEN);
  if (marked === null && !isAppendOnly(metaData)) return null;
  const { configuration } = marked ?? metaData;
  return {
    ...metaData,
    configuration: Object.fromEntries(Object.entries(configuration).filter(([key]) => key !== APPEND_ONLY)),
  };
};

/** Tells whether a table only ever grows. */
export const isAppendOnly = ({ configuration }: MetaData): boolean => configuration[APPEND_ONLY] === 'true';
