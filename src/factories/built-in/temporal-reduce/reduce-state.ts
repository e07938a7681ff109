import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Part } from '../derived/inputs.js';
import type { ResultCache } from '../derived/result-cache.js';
import type { ColumnTypes, Runs } from './reduction.js';

/** A content that was reduced. */
export interface ReducedPart {
  readonly digest: string;
  readonly types: ColumnTypes;
  /** The buckets of its rows, perhaps some more. */
  readonly runs: Runs;
}

/** State of what the newest result was made of. It only says what to look for: results are found by the digests of their inputs. */
export interface ReduceState {
  readonly parts: readonly ReducedPart[];
  /** Columns of all of them together. */
  readonly types: ColumnTypes;
}

/** A result together with what it was made of. */
export interface Reduced {
  /** A file of the host. */
  readonly file: string;
  readonly state: ReduceState;
}

const Types = t.readonlyArray(t.union([t.string, t.null]));
const StateCodec = t.readonly(
  t.type({
    parts: t.readonlyArray(
      t.readonly(
        t.type({
          digest: t.string,
          types: Types,
          runs: t.readonlyArray(t.readonly(t.tuple([t.number, t.number]))),
        }),
      ),
    ),
    types: Types,
  }),
);

export const readState = (cache: ResultCache, key: string): ReduceState | null => {
  const bytes = cache.read(key);
  if (bytes === null) return null;
  const state = StateCodec.decode(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return isLeft(state) ? null : state.right;
};

export const keepState = (cache: ResultCache, key: string, state: ReduceState): void =>
  cache.keep(key, Buffer.from(JSON.stringify(state)));

/** Difference of the contents of now from those of a state; a content may be there more than once. */
export interface PartDifference {
  readonly kept: readonly { readonly part: Part; readonly known: ReducedPart }[];
  readonly added: readonly Part[];
  readonly removed: readonly ReducedPart[];
}

export const differenceOf = (state: ReduceState, parts: readonly Part[]): PartDifference => {
  const known = new Map<string, ReducedPart[]>();
  for (const part of state.parts) {
    const same = known.get(part.digest);
    if (same === undefined) known.set(part.digest, [part]);
    else same.push(part);
  }
  const kept: { part: Part; known: ReducedPart }[] = [];
  const added: Part[] = [];
  for (const part of parts) {
    const before = known.get(part.digest)?.pop();
    if (before === undefined) added.push(part);
    else kept.push({ part, known: before });
  }
  return { kept, added, removed: [...known.values()].flat() };
};
