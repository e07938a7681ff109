import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type Chain, ChainCodec } from '../../domain/plans/chain.js';
import type { Cause, CauseMark } from '../../ports/causes.js';

/**
 * The variable by which a program that a task runs knows inside what it is: the whole chain as JSON, and how to find out
 * whether the innermost of it is still going on. A program may live on after its task: then it counts for nothing.
 */
export const CHAIN_VARIABLE = 'POND_CHAIN';

/** Value of the variable. */
export interface CalledBy {
  readonly mark: CauseMark;
  readonly chain: Chain;
}

const MarkCodec: t.Type<CauseMark> = t.intersection([
  t.type({ pond: t.string, txn_seq: t.number }),
  t.union([t.type({ token: t.number }), t.type({ txn_id: t.string })]),
]);

/** Longer than any chain that is put there. */
const LONGEST = 64 * 1024;

/** Reads the variable; null where it says nothing, or was not put there by us. */
export const readCalledBy = (text: string | undefined): CalledBy | null => {
  if (text === undefined || text === '' || text.length > LONGEST) return null;
  try {
    const value: unknown = JSON.parse(text);
    const mark = MarkCodec.decode(value);
    const chain = t.type({ chain: ChainCodec }).decode(value);
    return isLeft(mark) || isLeft(chain) || chain.right.chain.length === 0
      ? null
      : { mark: mark.right, chain: chain.right.chain };
  } catch (problem) {
    if (problem instanceof SyntaxError) return null;
    throw problem;
  }
};

/** Variables for a program that is started by what runs now; empty where nothing of ours does. */
export const printCalledBy = (cause: Cause | null): string =>
  cause === null || cause.mark === null ? '' : JSON.stringify({ ...cause.mark, chain: cause.chain });
