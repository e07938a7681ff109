import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** File of the host's that became a version, as that version's `attributes` say it under the key `arrival`. */
export interface ArrivalMark {
  /** Entry that took it in, `/etc/watch.d/10-in`. */
  readonly watch: string;
  /** Path of the file on the host, absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Time at which it was last changed, microseconds since the epoch. */
  readonly modifiedAt: number;
  readonly sha256: string;
}

const MarkCodec = t.type({
  arrival: t.type({
    watch: t.string,
    path: t.string,
    size: t.number,
    modified_at: t.number,
    sha256: t.string,
    txn_seq: t.number,
  }),
});

/** Attributes of a version that a file became in a transaction. */
export const printArrivalMark = ({ modifiedAt, ...mark }: ArrivalMark, txnSeq: number): string =>
  JSON.stringify({ arrival: { ...mark, modified_at: modifiedAt, txn_seq: txnSeq } });

/**
 * The mark in a row's attributes; null where there is none. Later versions of a file, copies of it and what is restored
 * have inherited theirs: only the transaction that took the file in counts.
 */
export const arrivalMarkIn = (attributes: string | null, txnSeq: number): ArrivalMark | null => {
  // Most rows have none.
  if (attributes === null || !attributes.includes('"arrival"')) return null;
  const decoded = MarkCodec.decode(parsed(attributes));
  if (isLeft(decoded) || decoded.right.arrival.txn_seq !== txnSeq) return null;
  const { watch, path, size, modified_at: modifiedAt, sha256 } = decoded.right.arrival;
  return { watch, path, size, modifiedAt, sha256 };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Attributes are the writer's own: what is not JSON is not a mark.
    return undefined;
  }
};
