/**
 * Depth to which lists and objects may lie in one another, in YAML as well. What reads them calls itself for every level, and a stack
 * that overflows takes the process with it; long before, the type of a row has a part for each level, and a thousand take gigabytes.
 */
export const DEEPEST = 100;

export const tooDeep = `nested more than ${DEEPEST} levels deep`;

/** Looks for JSON that is nested too deep in bytes that come in pieces. */
export interface DepthSought {
  /** Takes the next piece; returns the line, from 1, in which the first level too many begins, or null while there is none. */
  readonly tooDeepIn: (piece: Uint8Array) => number | null;
  /** Lists and objects that are open behind the last piece. */
  readonly open: () => number;
}

/**
 * Looks at nothing but quotes, brackets and the ends of lines, so that it fits JSON and JSON lines and is far faster than what
 * parses them. Bytes that are not JSON have some depth or other. `eachLine`: whatever a line has opened, it ends with it.
 */
export const seekDepth = ({ eachLine = false }: { readonly eachLine?: boolean } = {}): DepthSought => {
  let before: Reached = { depth: 0, line: 1, within: 'values' };
  return {
    open: () => before.depth,
    tooDeepIn: (piece) => {
      let { depth, line, within } = before;
      for (let at = 0; at < piece.length; at += 1) {
        const byte = piece[at] ?? 0;
        if (byte === NEWLINE) {
          // No string goes on in the next line, so one that does not end hides nothing.
          within = 'values';
          line += 1;
          if (eachLine) depth = 0;
        } else if (within === 'escape') within = 'string';
        else if (within === 'string') {
          if (byte === QUOTE) within = 'values';
          else if (byte === BACKSLASH) within = 'escape';
        } else if (byte === QUOTE) within = 'string';
        else if ((byte | CURLY) === OPENING) {
          depth += 1;
          if (depth > DEEPEST) return line;
        } else if ((byte | CURLY) === CLOSING && depth > 0) depth -= 1;
      }
      before = { depth, line, within };
      return null;
    },
  };
};

/** State of the search at the end of a piece. */
interface Reached {
  readonly depth: number;
  readonly line: number;
  readonly within: 'values' | 'string' | 'escape';
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The bit in which brackets and braces differ. */
const CURLY = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;
