import type { JsonObject } from '../../../domain/documents/json.js';

/** Says in a report what was left out: the counts that are not 0, by the reason. */
export const leftOutReport = (leftOut: object | undefined): JsonObject => {
  const some = Object.entries(leftOut ?? {}).filter(([, count]) => count > 0);
  return some.length === 0 ? {} : { left_out: Object.fromEntries(some) };
};
