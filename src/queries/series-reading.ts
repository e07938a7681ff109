import type { SeriesContract } from '../domain/series/series-contract.js';
import type { SeriesReading } from '../ports/query-engine.js';

/** Way in which versions of a series that keeps to a contract are read together. */
export const readingOf = ({
  timeColumn,
  timezone,
  unique,
  onDuplicate,
  schema,
  columns,
}: SeriesContract): SeriesReading => ({
  timeColumn,
  timezone,
  unique,
  onDuplicate,
  ...(schema === 'any' && columns !== null ? { columns } : {}),
});
