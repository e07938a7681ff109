import { printTaskId } from '../../../domain/plans/task-id.js';
import type { FactoryContext } from '../../factory.js';
import type { Environment } from '../../registry/resolve-variables.js';

/** Directory in which the commands of a pond run. */
export interface CommandSurroundings {
  /** The pond's directory, absolute. */
  readonly pondDir: string;
  /** Name by which a program finds the pond: its address in a store. Default: its directory. */
  readonly pondAddress?: string;
  /** The environment of this process. */
  readonly environment: Environment;
  /** The value of `POND_CHAIN` for a program that is started by what runs now. */
  readonly chain: () => string;
}

/**
 * The whole environment of a child: this process's, then the configuration's, then what the steward says. The last
 * cannot be overridden: a `pond` command in the child relies on it to know the commit that it runs for.
 */
export const commandEnvironment = (
  { pondDir, pondAddress = pondDir, environment, chain }: CommandSurroundings,
  context: FactoryContext,
  configured: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({
  ...definedIn(environment),
  ...configured,
  POND: pondAddress,
  POND_TXN_SEQ: String(context.txnSeq),
  POND_DATA_FS_VERSION: String(context.dataFsVersion),
  // Empty by hand, and not that of a task which this process happens to run in.
  POND_TASK: context.task === null ? '' : printTaskId(context.task),
  POND_IDEMPOTENCY_KEY: context.idempotencyKey,
  POND_CONFIG_PATH: context.path,
  POND_CHAIN: chain(),
  // What the child traces is part of the attempt.
  TRACEPARENT: context.span.traceParent,
});

const definedIn = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
