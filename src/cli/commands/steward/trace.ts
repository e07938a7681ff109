import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printableDeep } from '../../../domain/documents/printable.js';
import { steps } from '../../../effects/steps.js';
import type { Steward } from '../../../steward/steward.js';
import type { Incomplete } from '../../../steward/upkeep.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { traceLink } from '../../documents/trace-link.js';
import type { CliError } from '../../errors.js';
import { transactionNumber } from '../../line/operand-values.js';
import { inLines, writeResult } from '../../output.js';
import { COMMIT_OPERAND, commitAsked } from '../../pond/read-at.js';
import { withPond } from '../../pond/with-pond.js';
import type { Terminal } from '../../program.js';
import { type CommitTimeline, commitTimeline, isTraced } from '../../trace/commit-timeline.js';
import { renderTrace } from '../../trace/render-trace.js';
import { traceDocument } from '../../trace/trace-document.js';
import { paintFor } from '../../words/paint.js';

/** Columns of a line where standard output is not a terminal, and the fewest that are used on one. */
const PLAIN_COLUMNS = 100;
const FEWEST_COLUMNS = 60;

export const command: CommandDefinition = {
  declare: (command) => {
    command.argument('[transaction]', COMMIT_OPERAND);
  },
  examples: [
    ['trace', 'the last commit in time: its tasks side by side, attempts, waits, failures'],
    ['trace 42', 'commit 42, with retries of later days'],
    ['trace 42 --json', 'the same for a program'],
  ],
  run: (invocation) =>
    pipe(
      TE.fromEither(transactionNumber(invocation.given.operands[0])),
      TE.flatMap((number) =>
        pipe(
          invocation,
          withPond((steward) =>
            pipe(
              commitAsked(steward, number),
              TE.flatMap((txnSeq) => timelineOf(invocation, steward, txnSeq)),
              TE.flatMap((timeline) => {
                const { environment } = invocation.terminal;
                const traceUrl = isTraced(timeline)
                  ? traceLink(timeline.commit.traceParent, environment)
                  : null;
                return writeResult(invocation, {
                  json: () => traceDocument(timeline, { pondId: steward.pondId, traceUrl }),
                  text: () =>
                    inLines(
                      renderTrace(printableDeep(timeline), {
                        columns: columnsOf(invocation.terminal),
                        paint: paintFor(invocation.terminal),
                        traceUrl,
                      }),
                    ),
                });
              }),
            ),
          ),
        ),
      ),
    ),
};

const columnsOf = ({ outColumns }: Terminal): number =>
  outColumns === undefined ? PLAIN_COLUMNS : Math.max(FEWEST_COLUMNS, outColumns);

/** Everything is read from the control table; the data's log only says whether there is such a commit at all. */
const timelineOf = (
  { program }: Invocation,
  steward: Steward,
  txnSeq: number,
): TE.TaskEither<CliError, CommitTimeline> =>
  steps(async ({ run, fail }) => {
    // Refuses the number of a transaction that is not there.
    await run(steward.tasks(txnSeq));
    const derived = await run(steward.derived(txnSeq));
    const incomplete = await run(steward.incomplete());
    const timelines: Omit<CommitTimeline, 'derived'>[] = [];
    for (const seq of [txnSeq, ...derived.map((commit) => commit.txnSeq)]) {
      timelines.push(await run(oneTimeline(steward, seq, incomplete, program.clock.nowMicros())));
    }
    const [own, ...others] = timelines;
    return own === undefined ? fail({ _tag: 'CommitNotRecorded', txnSeq }) : { ...own, derived: others };
  });

const oneTimeline = (
  steward: Steward,
  txnSeq: number,
  incomplete: Incomplete,
  now: number,
): TE.TaskEither<CliError, Omit<CommitTimeline, 'derived'>> =>
  steps(async ({ run, fail }) => {
    const writes = await run(steward.transactions({ limit: null, txnSeq, transactionTypes: ['write'] }));
    // A write that failed, or has not committed yet, had the same number in mind.
    const commit = writes.find(({ dataFsVersion }) => dataFsVersion !== null);
    if (commit === undefined) return fail({ _tag: 'CommitNotRecorded', txnSeq });
    const records = await run(steward.records({ txnId: commit.txnId }));
    return commitTimeline(commit, records, incomplete.tasks, now);
  });
