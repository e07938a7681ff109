import type { PondPath } from '../domain/paths/pond-path.js';
import { readEntry } from '../planner/entries/read-entry.js';
import type { ConfiguredNode } from './code-bearing.js';

/** Bytes; a plain file that is larger is not looked into, and is run by hand with `--trust` or as a node. */
export const LARGEST_PLAIN_ENTRY = 64 * 1024;

/**
 * A plain file that `pond run` would run, because its YAML names a factory; null for every other file. Most are told by
 * what they do not contain, without being parsed.
 */
export const plainEntry = (path: PondPath, bytes: Uint8Array): ConfiguredNode | null => {
  if (bytes.length > LARGEST_PLAIN_ENTRY || !view(bytes).includes('factory')) return null;
  const reading = readEntry({
    path,
    entryType: 'file',
    nodeId: null,
    nodeFactory: null,
    content: { _tag: 'Bytes', bytes },
  });
  return reading._tag === 'Configured' ? { factory: reading.factory, config: bytes } : null;
};

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
