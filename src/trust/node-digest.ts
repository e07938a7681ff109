import { canonicalJson } from '../domain/documents/canonical-json.js';
import { sha256 } from '../domain/documents/sha256.js';
import type { ConfiguredNode } from './code-bearing.js';

/** The digest of a node that is code-bearing by itself: its factory and its configuration, wherever it is. */
export const nodeDigest = ({ factory, config }: ConfiguredNode): string =>
  sha256(canonicalJson({ digest_of: 'pond-steward node, 1', factory, config: sha256(config) }));
