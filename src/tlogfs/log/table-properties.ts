import type { MetaData } from './log-entry.js';
import { FORMAT_KEY, FORMAT_OF_NEW_PONDS, formatOf } from './pond-format.js';

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
