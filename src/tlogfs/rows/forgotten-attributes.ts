import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Forgetting, NodeRow } from '../../domain/tree/node-row.js';

/*
 * A row whose content is forgotten says in its `attributes` since when, around those that it had. These come back exactly
 * as they were: plans and differences of old commits are computed from them.
 */

const Stored = t.type({
  forgotten: t.type({ since: t.number, before: t.number }),
  attributes: t.union([t.string, t.null]),
});

/** The attributes of a row as they are stored. */
export const storedAttributes = ({ attributes, forgotten }: NodeRow): string | null =>
  forgotten === undefined ? attributes : JSON.stringify({ forgotten, attributes });

/** The attributes and the end of a content that is forgotten; null where they cannot be read. */
export const readForgotten = (
  stored: string | null,
): { readonly forgotten: Forgetting; readonly attributes: string | null } | null => {
  const decoded = Stored.decode(parsed(stored));
  return isLeft(decoded) ? null : decoded.right;
};

const parsed = (text: string | null): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    // No codec here accepts it.
    return undefined;
  }
};
