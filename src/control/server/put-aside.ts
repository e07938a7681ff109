import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from '../control-error.js';
import type { GoneCommits } from '../records/known-commits.js';
import { type ControlStore, transact } from '../store/control-store.js';
import { installServerSchema } from './install-schema.js';

/** Schema of a pond, and the pond. */
interface Place {
  readonly schema: string;
  readonly pondId: string;
}

/** Sequences whose numbers are never given out twice: by tokens and turns it is told who holds something still, by numbers of records what is new. */
const GOING_ON = ['claims_token_seq', 'writer_turns', 'control_table_record_id_seq'];

/**
 * Gives a pond's schema another name and makes a new one in its place, in one transaction, so that it is there at any moment, and whoever dies meanwhile
 * has done nothing. Of what was there only the commits that have gone are in the new one: their numbers are not given out again. Returns the other name, for people.
 * Runners of the old one are not in the new one: they find that their leases have ended, and what they still record is refused.
 */
export const putServerAside = (
  store: ControlStore,
  { schema, pondId }: Place,
  gone: GoneCommits['gone'],
  noticedAt: number,
): TaskEither<ControlError, string> =>
  transact(store, 'durable', function* (transaction) {
    const { path } = store;
    const aside = `${schema}_aside_${Math.floor(noticedAt / 1000)}`;
    yield* transaction.run(`ALTER SCHEMA ${schema} RENAME TO ${aside}`);
    yield* installServerSchema(transaction, { path, schema, pondId });
    for (const sequence of GOING_ON)
      yield* transaction.all(`SELECT setval('${sequence}', (SELECT last_value FROM ${aside}.${sequence}))`);
    for (const { txnSeq, txnId } of gone)
      yield* transaction.run(
        `INSERT INTO gone_commits (txn_id, txn_seq, noticed_at) VALUES (@txn_id, @txn_seq, @noticed_at)`,
        { txn_id: txnId, txn_seq: txnSeq, noticed_at: noticedAt },
      );
    return `schema ${aside} of ${path}`;
  });
