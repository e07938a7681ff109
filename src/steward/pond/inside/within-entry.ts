import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Cause } from '../../../ports/causes.js';
import type { Span } from '../../../ports/telemetry.js';
import type { Pond } from '../pond.js';
import type { Surroundings } from './surroundings.js';

/** An entry that is run by hand, or asked as a gate. */
export interface EntryAtWork {
  readonly path: string;
  /** The transaction that it reads. */
  readonly txnSeq: number;
  /** The transaction in which it is run. */
  readonly txnId: string;
  readonly span: Span;
}

/**
 * Runs an entry that does not count as a task: what it calls and starts knows inside what it is, and a commit there is an
 * ordinary one that carries it.
 */
export const withinEntry =
  <E, A>(
    pond: Pond,
    { chain }: Pick<Surroundings, 'chain'>,
    { path, txnSeq, txnId, span }: EntryAtWork,
    work: TaskEither<E, A>,
  ): TaskEither<E, A> =>
  async () => {
    const { causes } = pond.ports;
    const { isOver, end } = causes.begin();
    const cause: Cause = {
      chain: isFiringOf(pond, chain, path)
        ? chain
        : [...chain, { pond_id: pond.tlog.pondId, task: null, config_path: path }],
      mark: { pond: pond.directory, txn_seq: txnSeq, txn_id: txnId },
      traceParent: span.context.traceParent,
      isOver,
      writing: causes.current()?.writing ?? [],
    };
    try {
      return await causes.within(cause, work);
    } finally {
      end();
    }
  };

/** Tells whether the innermost link of a chain is a firing that runs an entry: it says more than a run by hand would. */
const isFiringOf = (pond: Pick<Pond, 'tlog'>, chain: Surroundings['chain'], path: string): boolean => {
  const last = chain.at(-1);
  return last?.firing !== undefined && last.pond_id === pond.tlog.pondId && last.config_path === path;
};
