import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import { attempt } from '../../tlogfs/failure.js';
import { refuseUnknownFormat } from '../../tlogfs/log/pond-format.js';
import { BEGINNING, replay, type TableState, txnSeqOf } from '../../tlogfs/log/table-state.js';
import type { RemoteError } from '../remote-error.js';
import { DATA_PREFIX, dataKey } from '../remote-keys.js';
import type { FetchedEntry } from './pulling.js';

/**
 * The state after a transaction: the newest version before the next transaction of which the remote has all files. Where it
 * has none, the error names the transactions nearest to it that are whole. A state that is here and is that one stays: it
 * was whole before it was published.
 */
export const wholeStateAt = (
  store: ReliableStore,
  here: TableState | null,
  entries: readonly FetchedEntry[],
  txnSeq: number,
): TaskEither<RemoteError, TableState> =>
  steps<RemoteError, TableState>(async ({ run, fail }) => {
    if (here !== null && txnSeqOf(here) === txnSeq) return here;
    const there = new Set((await run(store.list({ prefix: DATA_PREFIX }))).map(({ key }) => key));
    const whole = new Set<number>();
    const states: TableState[] = [];
    await run(
      attempt(async () => {
        let state = here;
        if (here !== null) whole.add(txnSeqOf(here));
        for (const { entry } of entries) {
          state = replay(store.url, state ?? BEGINNING, [entry]);
          const isWhole = [...state.files.values()].every(({ path }) => there.has(dataKey(path)));
          if (!isWhole) continue;
          whole.add(txnSeqOf(state));
          if (txnSeqOf(state) === txnSeq) states.push(state);
        }
        if (state !== null) refuseUnknownFormat(store.url, state);
        return state;
      }),
    );
    const found = states.at(-1);
    if (found !== undefined) return found;
    const seqs = entries.map(({ entry }) => entry.transaction?.txn_seq ?? 0);
    const newest = Math.max(here === null ? 0 : txnSeqOf(here), ...seqs);
    if (txnSeq < 1 || txnSeq > newest)
      return fail({ _tag: 'TransactionNotFound', txnSeq, lastTxnSeq: newest });
    return fail({ _tag: 'NotWhole', store: store.url, txnSeq, whole: nearest(whole, txnSeq) });
  });

const nearest = (whole: ReadonlySet<number>, txnSeq: number): readonly number[] => {
  const before = [...whole].filter((seq) => seq < txnSeq);
  const after = [...whole].filter((seq) => seq > txnSeq);
  return [
    ...(before.length === 0 ? [] : [Math.max(...before)]),
    ...(after.length === 0 ? [] : [Math.min(...after)]),
  ];
};
