import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TransactionSummary } from '../../../control/records/transaction-summary.js';
import { firingDocument } from '../../../documents/task-document.js';
import {
  incompleteDocument,
  recordDocument,
  transactionDocument,
} from '../../../documents/transaction-document.js';
import { watchDocument } from '../../../documents/watch-document.js';
import { printableDeep } from '../../../domain/text/printable.js';
import { steps } from '../../../effects/steps.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import type { CliError } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { wholeNumber } from '../../option-values.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { renderIncomplete } from '../../render/render-incomplete.js';
import { renderRecords } from '../../render/render-records.js';
import { renderRecent } from '../../render/render-transactions.js';
import { paintFor } from '../../words/paint.js';
import { pondNamed } from '../../words/pond-named.js';

const DEFAULT_LIMIT = 20;

/** Reads that are shown below the writes. */
const READS_SHOWN = 5;
/** Firings that are shown below the writes. */
const FIRINGS_SHOWN = 10;

const hasNumber = ({ given }: Invocation): boolean => given.number('txn') !== undefined;

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .addOption(
        new Option('--mode <mode>', 'transactions with their tasks, every record, or what is unfinished')
          .choices(['recent', 'detailed', 'incomplete'])
          .default('recent'),
      )
      .option('--incomplete', 'the same as --mode incomplete')
      .addOption(new Option('--txn <transaction>', 'only this transaction').argParser(wholeNumber))
      .addOption(
        new Option('--limit <count>', `how many transactions; default: ${DEFAULT_LIMIT}`).argParser(
          wholeNumber,
        ),
      );
  },
  examples: [
    ['control', 'the last transactions and what became of their tasks'],
    ['control --mode detailed --txn 42', 'every record of transaction 42'],
    ['control --incomplete', 'what is unfinished or failed, and what to do about it'],
    ['control retry 42.1', 'run a failed task again (see: pond control retry --help)'],
    ['control dismiss 42.1', 'settle a failed task (see: pond control dismiss --help)'],
  ],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) => {
        const mode = invocation.given.flag('incomplete') ? 'incomplete' : invocation.given.text('mode');
        switch (mode) {
          case 'incomplete':
            return showIncomplete(invocation, steward);
          case 'detailed':
            return showDetailed(invocation, steward);
          default:
            return showRecent(invocation, steward);
        }
      }),
    ),
};

interface ShownTransactions {
  readonly writes: readonly TransactionSummary[];
  readonly reads: readonly TransactionSummary[];
  readonly newestFirst: readonly TransactionSummary[];
}

const transactionsOf = ({ given }: Invocation, steward: Steward) => {
  const limit = given.number('limit') ?? DEFAULT_LIMIT;
  const txnSeq = given.number('txn') ?? null;
  const ofType = (type: 'read' | 'write') =>
    steward.transactions({ limit, txnSeq, transactionTypes: [type] });
  return steps<CliError, ShownTransactions>(async ({ run }) => {
    const writes = await run(ofType('write'));
    const reads = await run(ofType('read'));
    return { writes, reads, newestFirst: [...writes, ...reads].sort((a, b) => b.startedAt - a.startedAt) };
  });
};

const showRecent = (invocation: Invocation, steward: Steward): TE.TaskEither<CliError, ExitCode> =>
  steps(async ({ run }) => {
    const { writes, reads, newestFirst } = await run(transactionsOf(invocation, steward));
    const incomplete = await run(steward.incomplete());
    // What fires stands beside the commits of its time, as long as no single transaction is asked for.
    const firings = hasNumber(invocation) ? [] : await run(steward.firings({ limit: FIRINGS_SHOWN }));
    const watches = hasNumber(invocation) ? [] : await run(steward.watches());
    return run(
      writeResult(invocation, {
        json: () => ({
          pond_id: steward.pondId,
          transactions: newestFirst.map(transactionDocument),
          ...(firings.length === 0 ? {} : { firings: firings.map(firingDocument) }),
          ...(watches.length === 0 ? {} : { watches: watches.map(watchDocument) }),
        }),
        text: () =>
          inLines(
            renderRecent(
              printableDeep({ writes, reads: reads.slice(0, READS_SHOWN), firings, watches, incomplete }),
              paintFor(invocation.terminal),
              invocation.terminal.environment,
            ),
          ),
      }),
    );
  });

/** Every record there is, where neither `--txn` nor `--limit` is given. */
const showDetailed = (invocation: Invocation, steward: Steward): TE.TaskEither<CliError, ExitCode> => {
  const txnSeq = invocation.given.number('txn');
  const limit = invocation.given.number('limit');
  return steps(async ({ run }) => {
    const { newestFirst } = await run(transactionsOf(invocation, steward));
    const records = await run(
      steward.records({
        ...(txnSeq === undefined ? {} : { txnSeq }),
        ...(limit === undefined ? {} : { limit }),
      }),
    );
    return run(
      writeResult(invocation, {
        json: () => ({
          pond_id: steward.pondId,
          transactions: newestFirst.map((transaction) => ({
            ...transactionDocument(transaction),
            records: records.filter(({ txnId }) => txnId === transaction.txnId).map(recordDocument),
          })),
          records: records.map(recordDocument),
        }),
        text: () => inLines(renderRecords(printableDeep(records))),
      }),
    );
  });
};

const showIncomplete = (invocation: Invocation, steward: Steward): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    steward.incomplete(),
    TE.flatMap((incomplete) =>
      writeResult(invocation, {
        json: () => ({ pond_id: steward.pondId, ...incompleteDocument(incomplete) }),
        text: () =>
          inLines(
            renderIncomplete(printableDeep(incomplete), {
              paint: paintFor(invocation.terminal),
              named: pondNamed(invocation.options),
            }),
          ),
      }),
    ),
  );
