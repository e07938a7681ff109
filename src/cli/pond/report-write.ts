import type * as TE from 'fp-ts/lib/TaskEither.js';
import { wasRejected } from '../../documents/task-ends.js';
import { writeDocument } from '../../documents/write-document.js';
import type { JsonObject } from '../../domain/documents/json.js';
import { shellWord } from '../../domain/shell-word.js';
import type { WriteOutcome } from '../../steward/shapes/transactions.js';
import type { Invocation } from '../command.js';
import { type ExitCode, exitCodeOfWrite } from '../exit-codes.js';
import { writeResult } from '../output.js';
import { describeWrite } from '../words/describe-write.js';
import { warnOfTasks } from '../words/warn-of-tasks.js';

/** Tells what became of a write: warnings on standard error, the JSON document where it is wanted, the exit code. */
export const reportWrite =
  (invocation: Invocation, extra: JsonObject = {}) =>
  <A>(outcome: WriteOutcome<A>): TE.TaskEither<never, ExitCode> => {
    if (outcome._tag === 'Committed') warn(invocation, outcome);
    sayHowItEnded(invocation, outcome);
    return writeResult(
      invocation,
      { json: () => ({ ...writeDocument(outcome), ...extra }), text: () => '' },
      exitCodeOfWrite(outcome),
    );
  };

/** One line about a write, for whoever sits before it. A document has it all. */
const sayHowItEnded = <A>(
  { terminal, options }: Pick<Invocation, 'terminal' | 'options'>,
  outcome: WriteOutcome<A>,
): void => {
  if (terminal.errIsTerminal && !options.json) terminal.writeErr(`${describeWrite(outcome)}\n`);
};

const warn = <A>(
  invocation: Pick<Invocation, 'terminal' | 'options'>,
  outcome: WriteOutcome<A> & { readonly _tag: 'Committed' },
): void => {
  const { terminal, options } = invocation;
  const { txnSeq } = outcome;
  // Whoever named the pond has to name it again.
  const pond = options.pond === undefined ? 'pond' : `pond --pond ${shellWord(options.pond)}`;
  if (outcome.durability === 'unknown') {
    terminal.writeErr(
      `pond: warning: transaction ${txnSeq} is committed, durability unknown: making it durable failed, so it may not survive a loss of power\n`,
    );
  }
  if (!outcome.recorded) {
    terminal.writeErr(
      `pond: warning: transaction ${txnSeq} is committed, not recorded: the control table could not be written, so no task ran\n  ${pond} recover\n`,
    );
  }
  if (!outcome.tasksKnown) {
    terminal.writeErr(
      `pond: warning: transaction ${txnSeq} is committed and its tasks were run, but the control table could not be written: what became of them is not known here, and what has no record of its end is run again by\n  ${pond} recover\n`,
    );
  }
  if (outcome.deferredTo !== null) {
    terminal.writeErr(
      `pond: transaction ${txnSeq} was written inside task ${outcome.deferredTo} of this pond: what it sets off runs after that task's commit\n`,
    );
  }
  if (outcome.suppressed === 'not-trusted') {
    terminal.writeErr(
      `pond: transaction ${txnSeq} is committed; nothing was run after it, because this user has not approved what would\n  ${pond} trust\n`,
    );
  }
  if (outcome.deferredTo === null) {
    warnOfTasks(invocation, outcome.inBackground ? outcome.tasks.filter(wasRejected) : outcome.tasks);
  }
  for (const { tasks } of outcome.derived) warnOfTasks(invocation, tasks);
  if (terminal.interrupt.aborted && !outcome.inBackground) {
    terminal.writeErr(
      `pond: transaction ${txnSeq} is committed; what is left of its tasks is run by: ${pond} recover\n`,
    );
  }
};
