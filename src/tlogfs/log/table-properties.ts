import type { MetaData } from './log-entry.js';
import { FORMAT_KEY, POND_FORMAT } from './pond-format.js';

/**
 * Properties that every pond's table has: its format, and that its log is kept. Another engine that writes a checkpoint
 * removes older log entries unless it is told not to, and with them the commits' history.
 */
export const TABLE_PROPERTIES = {
  'delta.enableExpiredLogCleanup': 'false',
  'delta.logRetentionDuration': 'interval 36500 days',
  [FORMAT_KEY]: String(POND_FORMAT),
} as const;

/** What the next commit says of a table that an older version made; null where it has all properties. */
export const withProperties = (metaData: MetaData): MetaData | null =>
  Object.entries(TABLE_PROPERTIES).every(([key, value]) => metaData.configuration[key] === value)
    ? null
    : { ...metaData, configuration: { ...metaData.configuration, ...TABLE_PROPERTIES } };
