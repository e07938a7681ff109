import { viewAddress } from '../routing.js';
import type { Transaction } from '../shapes.js';
import { To } from './pieces.js';
import { command, commandHere, plain } from './words.js';

/**
 * The number of a commit, which leads to it. A write that failed, or that brought nothing new, has none: the next one gets the number that
 * it would have had.
 */
export const CommitNumber = ({ pond, of }: { readonly pond: string; readonly of: Transaction }) =>
  of.status === 'failed' || of.status === 'completed' ? (
    <span
      class="number quiet"
      title={of.status === 'failed' ? 'nothing was committed' : 'nothing was new, so nothing was committed'}
    >
      –
    </span>
  ) : (
    <To class="number" href={viewAddress(pond, `commit/${of.txn_seq}`)}>
      {of.txn_seq}
    </To>
  );

/** Words for a commit: the entry inside which it was made, where there is one, else its command. */
export const CommitWords = ({ of: { caused_by = [], cli_args } }: { readonly of: Transaction }) => {
  const inner = caused_by.at(-1);
  if (inner === undefined) return <code title={command(cli_args)}>{commandHere(cli_args)}</code>;
  return (
    <span class="by" title={command(cli_args)}>
      <span class="quiet">by</span> {plain(inner.firing ?? inner.config_path)}
      {inner.task === null ? null : <span class="quiet"> as {plain(inner.task)}</span>}
    </span>
  );
};
