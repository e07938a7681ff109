import type { Json, JsonObject } from '../../../domain/documents/json.js';
import type { Incomplete } from '../../../steward/shapes/upkeep.js';

/** Characters of the longest report that is shown in a list. */
const LONGEST = 4_096;

/** A document for a list: in the place of a long report stands `report_left_out`. All of it is shown with its commit. */
export const withoutLongReports = (document: JsonObject): JsonObject => {
  const isLong = document.report !== undefined && JSON.stringify(document.report).length > LONGEST;
  return {
    ...Object.fromEntries(
      Object.entries(document).map(([name, value]): [string, Json] => [
        name,
        name === 'report' ? value : inside(value),
      ]),
    ),
    ...(isLong ? { report: null, report_left_out: true } : {}),
  };
};

const inside = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(inside);
  return typeof value === 'object' && value !== null ? withoutLongReports(value as JsonObject) : value;
};

/** Work of which no list is longer than `limit`. */
export const firstOf = (incomplete: Incomplete, limit: number): Incomplete => ({
  ...incomplete,
  transactions: incomplete.transactions.slice(0, limit),
  tasks: incomplete.tasks.slice(0, limit),
});
