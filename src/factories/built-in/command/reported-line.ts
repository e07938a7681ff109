import type { Json } from '../../../domain/documents/json.js';
import { MOST_REPORTED } from '../../report-keeper.js';

const PREFIX = 'POND_REPORT ';

/** Report of a program: its last line of output, where that is `POND_REPORT` and JSON. */
export interface ReportedLine {
  /** Takes a line of standard output; returns whether it may be (part of) the report. */
  readonly add: (line: string) => boolean;
  /** Returns what is reported; null where the last line is not a report. `problem`: it is meant to be one. */
  readonly end: () => { readonly value: Json } | { readonly problem: string } | null;
}

/** A long line comes in pieces, so that what follows the prefix is put together; another line after it makes it no JSON. */
export const reportedLine = (): ReportedLine => {
  let pieces: string[] | null = null;
  let size = 0;
  return {
    add: (line) => {
      if (line.startsWith(PREFIX)) {
        pieces = [];
        size = 0;
      }
      if (pieces === null) return false;
      size += line.length;
      // What is too large is not kept, but that it is too large.
      if (size <= 2 * MOST_REPORTED) pieces.push(line);
      return true;
    },
    end: () => {
      if (pieces === null) return null;
      if (size > 2 * MOST_REPORTED) return { problem: `it has more than ${MOST_REPORTED} bytes` };
      try {
        return { value: JSON.parse(pieces.join('').slice(PREFIX.length)) };
      } catch {
        return { problem: 'what follows POND_REPORT is not JSON, or is not the last line' };
      }
    },
  };
};
