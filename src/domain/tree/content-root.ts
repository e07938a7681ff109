import { createHash } from 'node:crypto';
import { canonicalJson } from '../documents/canonical-json.js';
import { compareUtf8 } from '../text/bytes-order.js';
import type { EntryType } from './node-row.js';

/** One entry of a pond, as far as it is content: nothing of when, how often or where it was written. */
export interface ContentEntry {
  /** Absolute, normalised. */
  readonly path: string;
  readonly type: EntryType;
  /** Factory type of a dynamic node, else null. */
  readonly factory: string | null;
  /**
   * SHA-256 of its content: of a file's bytes, a symlink's text, a dynamic node's configuration; of a series one for
   * each version, in order, since they are read one after another; none for a directory.
   */
  readonly digests: readonly string[];
}

/** Raised when the encoding changes, so that roots of different encodings never look equal by accident. */
const HEADER = 'pond-content-root 1\n';

/**
 * The content root of a pond: the SHA-256 of a header line and one line per entry, the root directory left out, in the
 * order of the bytes of their paths. A line is the canonical JSON (RFC 8785) of `[path, type, factory, digests]`.
 * Ponds with equal entries have equal roots, whatever their history and the layout of their files.
 */
export const contentRoot = (entries: readonly ContentEntry[]): string => {
  const hash = createHash('sha256').update(HEADER);
  for (const { path, type, factory, digests } of entries.toSorted((a, b) => compareUtf8(a.path, b.path))) {
    hash.update(`${canonicalJson([path, type, factory, digests])}\n`);
  }
  return hash.digest('hex');
};
