import { left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import type { Clock } from '../../ports/clock.js';
import type { ExecutableFactory, FactoryContext, FactoryError } from '../factory.js';
import { referenceOf } from '../factory-reference.js';
import { describeAbort } from './abort-reason.js';
import { atLeastZero } from './numbers.js';

const Config = exactType(
  'test-executor configuration',
  { message: t.string },
  { fail: t.boolean, delay_ms: atLeastZero, fail_times: atLeastZero },
);

type Config = t.TypeOf<typeof Config>;

const reference = referenceOf(Config, {
  meanings: {
    message: 'what is logged',
    fail: 'true: the task fails; default false',
    delay_ms: 'milliseconds to wait first; default 0',
    fail_times: 'the number of attempts that fail, from the first on; default 0',
  },
  example: `# Logs a message, and fails in its first attempt.
factory: test-executor
retry: { max_attempts: 2, initial_interval: 1s }
config:
  message: hello
  fail_times: 1
`,
});

/**
 * Logs its `message`; waits `delay_ms` first, fails when `fail` is set, and fails in the attempts 1 to
 * `fail_times`. For tests, and for trying out how tasks are run.
 */
export const testExecutor = ({ clock }: { readonly clock: Clock }): ExecutableFactory<Config> => ({
  name: 'test-executor',
  description: 'Logs a message; can be told to wait and to fail.',
  kind: 'executable',
  modes: ['InTransactionWriter', 'PostCommitReader'],
  callsNobody: true,
  config: Config,
  reference,
  execute:
    (context, { message, fail = false, delay_ms = 0, fail_times = 0 }) =>
    async () => {
      try {
        if (delay_ms > 0) await clock.sleep(delay_ms, context.signal);
        if (context.signal.aborted) throw new Error(`${describeAbort(context.signal)}: ${message}`);
        context.log.log('info', 'test_executor', {
          message,
          mode: context.mode,
          txn_seq: context.txnSeq,
          attempt: context.attempt,
          changes: context.changes.length,
        });
        if (fail) throw new Error(`told to fail: ${message}`);
        if (context.attempt <= fail_times) {
          throw new Error(`told to fail in attempt ${context.attempt} of ${fail_times}: ${message}`);
        }
        return right(undefined);
      } catch (reason) {
        return left(failed(context, reason));
      }
    },
});

const failed = ({ path }: FactoryContext, reason: unknown): FactoryError => ({
  _tag: 'FactoryFailed',
  path,
  factory: 'test-executor',
  message: reason instanceof Error ? reason.message : String(reason),
});
