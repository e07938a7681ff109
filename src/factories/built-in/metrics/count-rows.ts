// Counting what a file holds while its bytes go by: nothing of it is kept.

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const ARRAY = 0x5b;
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, LINE_FEED, CARRIAGE_RETURN, 0xef, 0xbb, 0xbf]);
const OPENING: ReadonlySet<number> = new Set([ARRAY, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Takes bytes, and says at the end how many rows there were. */
export interface RowCounter {
  readonly take: (bytes: Uint8Array) => void;
  readonly rows: () => number;
}

/** Records of CSV without the first, which is the header. A line end inside quotes ends nothing; empty lines count for nothing. */
export const csvRows = (): RowCounter => {
  let records = 0;
  let quoted = false;
  let isEmpty = true;
  return {
    take: (bytes) => {
      for (const byte of bytes) {
        if (byte === QUOTE) quoted = !quoted;
        if (byte === LINE_FEED && !quoted) {
          if (!isEmpty) records += 1;
          isEmpty = true;
        } else if (byte !== CARRIAGE_RETURN) isEmpty = false;
      }
    },
    rows: () => Math.max(0, records + (isEmpty ? 0 : 1) - 1),
  };
};

/** Elements of the array that a document is; of one that is not an array, its values: one on each line, or one in all. */
export const jsonRows = (): RowCounter => {
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  /** The depth at which rows are; null: nothing has come yet. */
  let rowDepth: number | null = null;
  let inRow = false;
  let rows = 0;
  const begin = () => {
    if (!inRow) rows += 1;
    inRow = true;
  };
  const takeByte = (byte: number) => {
    if (inString) {
      if (!isEscaped && byte === QUOTE) inString = false;
      isEscaped = !isEscaped && byte === BACKSLASH;
      return;
    }
    if (rowDepth === null) {
      if (BLANKS.has(byte)) return;
      rowDepth = byte === ARRAY ? 1 : 0;
      if (byte === ARRAY) {
        depth = 1;
        return;
      }
    }
    if (CLOSING.has(byte)) {
      depth -= 1;
      return;
    }
    if (depth === rowDepth && (byte === COMMA || (byte === LINE_FEED && rowDepth === 0))) inRow = false;
    else if (!BLANKS.has(byte)) begin();
    if (byte === QUOTE) inString = true;
    if (OPENING.has(byte)) depth += 1;
  };
  return {
    take: (bytes) => {
      for (const byte of bytes) takeByte(byte);
    },
    rows: () => rows,
  };
};
