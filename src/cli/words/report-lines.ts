import type { Json } from '../../domain/documents/json.js';
import { onOneLine } from './print-values.js';

/** Characters of a report that are shown; `--json` has all of it. */
const SHOWN = 200;

/** Renders what an attempt has reported, on one line; none where it has not. */
export const reportLines = (report: Json | null): readonly string[] => {
  if (report === null) return [];
  const text = onOneLine(JSON.stringify(report));
  return [`report ${text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}...`}`];
};
