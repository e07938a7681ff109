import { isRight } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { recordTogether } from '../../../control/record-together.js';
import { unreadableControlTable } from '../../../control/unreadable-control-table.js';
import { wordsWithoutSecrets } from '../../../domain/secrets/words-without-secrets.js';
import { madeOnce } from '../../../effects/made-once.js';
import { steps } from '../../../effects/steps.js';
import type { ReplicationDeps } from '../../../factories/built-in/replication-manager.js';
import { openTLog } from '../../../tlogfs/open-tlog.js';
import type { TLog, TLogError } from '../../../tlogfs/tlog.js';
import type { PondError } from '../../errors.js';
import { taskOutputs } from '../../output/task-outputs.js';
import type { OpenOptions } from '../../shapes/open-options.js';
import type { StewardPorts } from '../../steward-ports.js';
import { configurations } from '../../trust/configurations.js';
import { commandText, pondTrust } from '../../trust/pond-trust.js';
import { cancellationWatch } from '../cancellation-watch.js';
import { exportContents } from '../export-contents.js';
import { builtInsOf } from '../factories/built-ins-of-pond.js';
import { knownFactories } from '../factories/known-factories.js';
import { pondPlace, sharedPlace } from '../place/place.js';
import { layout, type Pond } from '../pond.js';
import { runnerOfProcess } from '../runner.js';
import type { SharedPond } from '../shared-pond.js';
import { boundTo, openControl, type PondControl, writerLockOn } from './pond-control.js';

/** Milliseconds that a write waits for the writer's lock, and for tasks that others run, unless somebody says otherwise. */
const LOCK_TIMEOUT = 10_000;
const TASK_WAIT = 60_000;
/** A pond that is opened for something else than running its tasks. */
const NOT_HERE = { message: 'it cannot be pushed from here', retryable: true };

/** Options by which a pond is opened here. */
export interface OpeningOptions extends OpenOptions {
  /** Pushes the pond as a task of it does. Default: it cannot be. */
  readonly pushAsTask?: (
    pond: Pond,
    ...push: Parameters<ReplicationDeps['pushRemote']>
  ) => ReturnType<ReplicationDeps['pushRemote']>;
  /** Store that the pond lies in. Default: it lies in its directory. */
  readonly shared?: SharedPond;
  /** Runs a scheduled entry that writes. Default: it cannot be. */
  readonly runScheduled?: (
    pond: Pond,
    ...run: Parameters<Pond['runScheduled']>
  ) => ReturnType<Pond['runScheduled']>;
}

/** Opens a pond: its op log and its control table. `createControl` makes a missing control table, empty. `shared`: it lies in a store. */
export const openPond = (
  ports: StewardPorts,
  directory: string,
  options: OpeningOptions & { readonly createControl?: boolean },
): TE.TaskEither<PondError, Pond> =>
  steps(async ({ run }) => {
    const { data, queries } = layout(directory);
    const { shared = null } = options;
    const tlog =
      shared?.tlog ?? (await run(pipe(openTLog(ports)(data), TE.mapLeft(aboutDirectory(directory)))));
    const control = await run(
      pipe(
        openControl(ports, directory, shared, tlog.pondId, { create: options.createControl === true }),
        TE.orElse((error) =>
          error._tag === 'ControlUnreadable' && options.createControl !== true
            ? TE.right({ table: unreadableControlTable(error), lock: writerLockOn(ports, directory) })
            : TE.left(error),
        ),
      ),
    );
    ports.workspaces.sweep(queries)();
    return assemblePond(ports, directory, options, tlog, control);
  });

/** The op log speaks of its own directory; people know the pond's. */
export const aboutDirectory =
  (directory: string) =>
  (error: TLogError): TLogError =>
    error._tag === 'NotAPond' || error._tag === 'PondExists' || error._tag === 'PondTooNew'
      ? { ...error, path: directory }
      : error;

/** Says that a file has the place of a pond. Looked at only after a failure: it would cost every command a call otherwise. */
export const aboutPlace =
  ({ hostFiles }: Pick<StewardPorts, 'hostFiles'>, directory: string) =>
  (error: PondError): PondError =>
    'code' in error && error.code === 'ENOTDIR' && isFileAt({ hostFiles }, directory)
      ? { _tag: 'NotAPond', path: directory, found: 'file' }
      : error;

/** Tells whether there is something other than a directory at a path. */
export const isFileAt = ({ hostFiles }: Pick<StewardPorts, 'hostFiles'>, path: string): boolean => {
  const found = hostFiles.stat(path)();
  return isRight(found) && found.right.kind !== 'directory';
};

/** A pond from its parts. */
export const assemblePond = (
  ports: StewardPorts,
  directory: string,
  options: OpeningOptions,
  tlog: TLog,
  { table: control, lock: writerLock, listen, fleet }: PondControl,
): Pond => {
  const { cliArgs = [], shared = null } = options;
  const closing = shared === null ? control : { ...control, close: inTurn(control.close, shared.close) };
  const runner = runnerOfProcess(ports, control, cliArgs.join(' '));
  const queries = {
    engine: ports.queryEngine,
    withWorkspace: <E, A>(use: (workspace: string) => TE.TaskEither<E, A>) =>
      ports.workspaces.use(layout(directory).queries, use),
    files: ports.hostFiles,
  };
  // Most commands that read, and many that write, run none of them.
  const builtIn = madeOnce(() =>
    builtInsOf(ports, directory, {
      shared,
      queries,
      staging: exportContents(ports, layout(directory).control, runner),
      pushRemote: (name, how) => options.pushAsTask?.(pond, name, how) ?? TE.left(NOT_HERE),
    }),
  );
  const configured = configurations(tlog.commitOf);
  const kinds = madeOnce(() => new Map(builtIn().map(({ name, kind }) => [name, kind])));
  const pond: Pond = {
    ports,
    directory,
    address: shared?.address ?? directory,
    shared,
    tlog,
    control: closing,
    writerLock,
    fleet: fleet ?? null,
    listen: listen ?? null,
    attempts: recordTogether(control, ports.clock),
    cancellations: cancellationWatch(control, ports),
    runner,
    place:
      shared === null ? pondPlace(ports, directory, tlog) : sharedPlace(ports, boundTo(directory, shared)),
    outputs: taskOutputs(ports, layout(directory).output, { hasManyMachines: shared !== null }),
    redact: wordsWithoutSecrets(ports.host.variables),
    configurations: configured,
    trust: pondTrust(ports, {
      directory,
      address: shared?.address ?? directory,
      kinds,
      configurations: configured,
      trust: options.trust ?? 'approved',
      command: commandText(cliArgs),
    }),
    registryFor: knownFactories(
      ports,
      () => [...builtIn(), ...(options.factories ?? [])],
      options.factoryModules ?? [],
      { directory, hasManyMachines: shared !== null },
    ),
    runScheduled: (path, scheduled) =>
      options.runScheduled?.(pond, path, scheduled) ??
      TE.left({ _tag: 'FactoryFailed', path, factory: '', message: 'nothing that writes is run from here' }),
    options: {
      cliArgs,
      lockTimeoutMs: options.lockTimeoutMs ?? LOCK_TIMEOUT,
      taskWaitMs: options.taskWaitMs ?? TASK_WAIT,
      trust: options.trust ?? 'approved',
      tasks: options.tasks ?? null,
      asksGates: options.gates !== 'skip',
      suppressed: options.postCommit === 'suppress' ? 'no-post-commit' : null,
    },
  };
  return pond;
};

const inTurn =
  (...ends: readonly (() => void)[]) =>
  (): void => {
    for (const end of ends) end();
  };
