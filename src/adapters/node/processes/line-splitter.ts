import type { Edge, Torn } from '../../../domain/secrets/torn-text.js';

/** Lines out of a stream of bytes. */
export interface LineSplitter {
  readonly push: (chunk: Uint8Array) => void;
  /** The stream has ended: what is left is a line, too. */
  readonly end: () => void;
}

const LONGEST_PIECE = 8_192;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Calls `onLine` with every line (UTF-8, without its line end). A longer line than 8 KiB comes in pieces, so that
 * a program that never ends its line fills no memory; they are cut after white space where there is any, since most secrets
 * have none: half of one could not be recognised and redacted. How they were cut is said.
 */
export const lineSplitter = (onLine: (line: string, torn: Torn) => void): LineSplitter => {
  let pending: Buffer = Buffer.alloc(0);
  /** Edge at which the pending bytes were cut off those before them. */
  let edge: Edge = 'whole';

  const emit = (bytes: Buffer): void => {
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    onLine(bytes.toString('utf8', 0, end), { before: edge, after: 'whole' });
    edge = 'whole';
  };
  /** Everything but the last, unfinished piece of a line. */
  const emitPieces = (line: Buffer): Buffer => {
    let rest = line;
    while (rest.length > LONGEST_PIECE) {
      const cut = cutOf(rest);
      const after = isSpace(rest[cut - 1]) ? 'between-words' : 'in-word';
      onLine(rest.toString('utf8', 0, cut), { before: edge, after });
      edge = after;
      rest = rest.subarray(cut);
    }
    return rest;
  };

  return {
    push: (chunk) => {
      let rest = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
      for (let newline = rest.indexOf(NEWLINE); newline !== -1; newline = rest.indexOf(NEWLINE)) {
        emit(emitPieces(rest.subarray(0, newline)));
        rest = rest.subarray(newline + 1);
      }
      pending = Buffer.from(emitPieces(rest));
    },
    end: () => {
      if (pending.length > 0) emit(pending);
      pending = Buffer.alloc(0);
    },
  };
};

/** Finds where a piece ends: after the last white space in its second half, else before a character's first byte. */
const cutOf = (line: Buffer): number => {
  const space = Math.max(
    line.lastIndexOf(0x20, LONGEST_PIECE - 1),
    line.lastIndexOf(0x09, LONGEST_PIECE - 1),
  );
  if (space >= LONGEST_PIECE / 2) return space + 1;
  let cut = LONGEST_PIECE;
  while (cut > LONGEST_PIECE - 4 && isContinuation(line[cut])) cut -= 1;
  return cut;
};

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09;

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
