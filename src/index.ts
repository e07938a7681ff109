/**
 * The library: a pond, its steward, and the pure planners beneath them. Functions that have effects return a
 * `TaskEither`; `pond-steward/promises` offers the same as promises, `pond-steward/executor` the engine without a pond,
 * `pond-steward/testing` a pond in memory.
 *
 * @packageDocumentation
 */

import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { silentLogger } from './adapters/logging/silent-logger.js';
import { ownExecutable } from './adapters/query-process/own-executable.js';
import { assemble } from './composition-root.js';
import type { HostPlans } from './host-plans/host-plans.js';
import { livePorts, withSeparateQueries } from './live-ports.js';
import type { Logger } from './ports/logger.js';
import { checkArguments } from './steward/arguments/check-arguments.js';
import { checkOpening, checkUse } from './steward/arguments/check-opening.js';
import type { PondError } from './steward/errors.js';
import type { OpenOptions } from './steward/shapes/open-options.js';
import type { FsckOptions, FsckReport } from './steward/shapes/report.js';
import type { WriteOutcome } from './steward/shapes/transactions.js';
import type { Steward as OpenSteward } from './steward/steward.js';

/** Options with which a library user opens a pond. */
export interface LibraryOptions extends OpenOptions {
  /** Receiver of log lines. Default: nobody. */
  readonly logger?: Logger;
}

const programOf = ({ logger }: LibraryOptions) => {
  const ports = livePorts(logger ?? silentLogger);
  const executable = ownExecutable();
  return assemble(executable === null ? ports : withSeparateQueries(ports, { executable }));
};

/** An open pond and its steward. */
export type Steward = OpenSteward;

/** Makes and opens ponds. */
export const Steward = {
  /**
   * Makes a new pond in a directory; returns its first commit. `PondExists` where there is one. `birthplace`: a word for where it was
   * made (default: this machine's name). `sharedWith`: the number of a group whose members may use it (default: nobody else may).
   *
   * @example
   * const made = await Steward.init('/tmp/my-pond', { birthplace: 'greenhouse' })();
   */
  init: (
    directory: string,
    options: LibraryOptions & { readonly birthplace?: string; readonly sharedWith?: number } = {},
  ): TE.TaskEither<PondError, WriteOutcome<void>> =>
    pipe(
      checkOpening('init', directory, options),
      TE.flatMap(() => programOf(options).init(directory, options)),
    ),

  /**
   * Opens an existing pond. `NotAPond` where there is none, `ControlMissing` where its control table is gone. Close it
   * when it is not needed any more.
   *
   * @example
   * const outcome = await pipe(
   *   Steward.open('/tmp/my-pond'),
   *   TE.flatMap((pond) =>
   *     pipe(
   *       pond.write(({ fs }) => fs.write('/hello.txt', Buffer.from('hello\n'))),
   *       TE.tap(() => pond.close()),
   *     ),
   *   ),
   * )();
   */
  open: (directory: string, options: LibraryOptions = {}): TE.TaskEither<PondError, OpenSteward> =>
    pipe(
      checkOpening('open', directory, options),
      TE.flatMap(() => programOf(options).open(directory, options)),
      TE.map(checkArguments),
    ),

  /**
   * Checks a pond and reports what is wrong; writes nothing. One that `open` refuses (a damaged log, a missing control
   * table) is checked as far as it can be read. `NotAPond` where there is none.
   *
   * @example
   * const checked = await Steward.fsck('/tmp/my-pond', { quick: true })();
   * if (checked._tag === 'Right' && !checked.right.ok) {
   *   for (const finding of checked.right.findings) console.log(severityOf(finding), finding._tag);
   * }
   */
  fsck: (
    directory: string,
    options: LibraryOptions & FsckOptions = {},
  ): TE.TaskEither<PondError, FsckReport> =>
    pipe(
      checkOpening('fsck', directory, options),
      TE.flatMap(() => programOf(options).fsck(directory, options)),
    ),

  /**
   * Opens a pond, uses it, and closes it however that ends. Errors are those of `open` and of what `use` returns.
   *
   * @example
   * const names = await Steward.using('/tmp/my-pond', (pond) =>
   *   pond.read(({ fs }) => pipe(fs.list('/'), TE.map((entries) => entries.map(({ name }) => name)))),
   * )();
   */
  using: <E, A>(
    directory: string,
    use: (steward: OpenSteward) => TE.TaskEither<E, A>,
    options: LibraryOptions = {},
  ): TE.TaskEither<PondError | E, A> =>
    pipe(
      checkUse(use),
      TE.flatMap(() => Steward.open(directory, options)),
      TE.flatMap((steward) => closing(steward, use)),
    ),
};

/** Uses a pond and closes it, also where what uses it throws: that is thrown then. */
const closing =
  <E, A>(steward: OpenSteward, use: (steward: OpenSteward) => TE.TaskEither<E, A>): TE.TaskEither<E, A> =>
  async () => {
    try {
      return await use(steward)();
    } finally {
      await steward.close()();
    }
  };

/**
 * Executes and recovers plans of operations on the host's filesystem, all or nothing. Their checkpoints are kept in
 * the pond where `pond` is the directory of one, else (null) in the user's state directory.
 *
 * @example
 * const plan = planHostOperations([{ id: 'bin', kind: 'DirCreate', path: '/srv/site/v42' }]);
 * const report = await pipe(
 *   TE.fromEither(plan),
 *   TE.flatMap((plan) =>
 *     hostPlans(null).execute(plan, { concurrency: 4, signal: new AbortController().signal }),
 *   ),
 * )();
 */
export const hostPlans = (pond: string | null, options: LibraryOptions = {}): HostPlans =>
  withoutFiles(programOf(options).hostPlans(pond));

const withoutFiles = ({
  directory,
  check,
  execute,
  recover,
  countAbandoned,
  list,
  discard,
}: HostPlans): HostPlans => ({
  directory,
  check,
  execute,
  recover,
  countAbandoned,
  list,
  discard,
});

export type { ExactType } from './domain/documents/exact-type.js';
export { exactType } from './domain/documents/exact-type.js';
export { parsePondPath } from './domain/paths/pond-path.js';
export { EXECUTION_MODES } from './domain/plans/execution-mode.js';
export { partiallyFailed, succeeded } from './executor/execution-report.js';
export { PondFileError } from './factories/user/promise-files.js';
export type { InvalidOperation } from './host-plans/plan/plan-given-operations.js';
export { planGivenOperations as planHostOperations } from './host-plans/plan/plan-given-operations.js';
export { planCommit } from './planner/plan-commit.js';
export type * from './pond-types.js';
export { describeError } from './steward/describe-error.js';
export { severityOf } from './steward/shapes/finding.js';
