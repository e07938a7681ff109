import type { Json } from './json.js';

/** Characters that a value counts for besides those of its strings. */
const OF_VALUE = 8;

/** Room that a value takes in memory, in characters of text, about. */
export const jsonSize = (value: Json): number => {
  if (typeof value === 'string') return value.length + OF_VALUE;
  if (typeof value !== 'object' || value === null) return OF_VALUE;
  let size = OF_VALUE;
  if (Array.isArray(value)) for (const one of value) size += jsonSize(one);
  else for (const [key, one] of Object.entries(value)) size += key.length + jsonSize(one);
  return size;
};
