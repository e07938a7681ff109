import { resolve } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { watchedEngine } from './adapters/duckdb/watched-engine.js';
import { createLogger } from './adapters/logging/json-logger.js';
import { writeToStderr } from './adapters/logging/stderr-writer.js';
import { nodeSpool } from './adapters/node/files/node-spool.js';
import { nodeClock } from './adapters/node/node-clock.js';
import { nodeHost } from './adapters/node/node-host.js';
import { handleStrayErrors } from './adapters/node/own-process/stray-errors.js';
import { uuidIds } from './adapters/node/uuid-ids.js';
import type { ConnectOptions, Program } from './cli/program.js';
import { isStoreAddress } from './domain/pond-address.js';
import { wordsWithoutSecrets } from './domain/secrets/words-without-secrets.js';
import { onDemand } from './effects/on-demand.js';
import { redactingLogger } from './factories/registry/redact.js';
import { acceptanceOf } from './host-plans/steps/shared-directory.js';
import { confinedTo, livePorts, withSeparateQueries } from './live-ports.js';
import type { Logger } from './ports/logger.js';
import { changeSignal } from './serve/change-signal.js';
import type { HttpOptions, ServeHttpError } from './serve/http/serve-http.js';
import { NOTHING_DONE, type WorkDone } from './serve/pond-job.js';
import type { ServePart } from './serve/serve.js';
import type { ServedPond } from './serve/served-pond.js';
import { endedWhileWaiting, whenReached } from './serve/when-reached.js';
import { acting, changing } from './steward/acting.js';
import { createSteward } from './steward/create-steward.js';
import type { PondError } from './steward/errors.js';
import { aboutPlace, type OpeningOptions, openPond } from './steward/pond/opening/open-pond.js';
import type { Pond } from './steward/pond/pond.js';
import { noticeOlderCopies } from './steward/recovery/notice-older-copies.js';
import type { OpenOptions } from './steward/shapes/open-options.js';
import type { StewardPorts } from './steward/steward-ports.js';
import { telemetrySettings } from './telemetry/configuration.js';

/** The product over given adapters. */
export const assemble = (ports: StewardPorts): Program => ({
  ...servingOf(ports),
  init: (given, options) =>
    isStoreAddress(given)
      ? sharing(({ initShared }) => initShared(ports, confineTo(ports), given, options))
      : within(ports, given, (confined, directory) =>
          changing(({ initPond }) => initPond(confined, directory, options)),
        ),
  open: (given, options) =>
    pipe(
      openNamed(ports, given, { ...options, ...workOnPonds }),
      TE.map((pond) => createSteward(pond)),
    ),
  fetch: (given, place, options) =>
    isStoreAddress(given)
      ? TE.left(NO_TARGET)
      : within(ports, given, (confined, directory) =>
          acting(({ fetchPond }) => fetchPond(confined, directory, place, options)),
        ),
  rebuildControl: (given, options) =>
    isStoreAddress(given)
      ? sharing(({ rebuildSharedControl }) => rebuildSharedControl(ports, confineTo(ports), given, options))
      : within(ports, given, (confined, directory) =>
          acting(({ rebuildControl }) => rebuildControl(confined, directory, options)),
        ),
  fsck: (given, options) =>
    isStoreAddress(given)
      ? sharing(({ fsckShared }) => fsckShared(ports, confineTo(ports), given, options))
      : within(ports, given, (confined, directory) =>
          acting(({ fsck }) => fsck(confined, directory, options)),
        ),
  trust: async (options = {}) => {
    const { trustOf } = await import('./steward/approval/trust.js');
    return trustOf(ports, (given) =>
      isStoreAddress(given)
        ? openNamed(ports, given, options)
        : within(ports, given, (confined, directory) => openPond(confined, directory, {})),
    );
  },
  hostPlans: ports.hostPlans,
  files: ports.files,
  hold: ports.hold,
  neighbours: acceptanceOf(ports.host),
  spool: nodeSpool,
  clock: ports.clock,
  queryEngine: ports.queryEngine,
});

const NO_TARGET: PondError = {
  _tag: 'NotForSharedPonds',
  call: 'fetching a pond',
  reason: 'it is made in a directory; a pond in a store is made by pond init',
};

/** Opens a pond by its directory, or by its address in a store. */
const openNamed = (
  ports: StewardPorts,
  given: string,
  options: OpeningOptions,
): TE.TaskEither<PondError, Pond> =>
  pipe(
    isStoreAddress(given)
      ? sharing(({ openShared }) => openShared(ports, confineTo(ports), given, options))
      : within(ports, given, (confined, directory) => openPond(confined, directory, options)),
    TE.tap(noticeOlderCopies),
  );

const confineTo = (ports: StewardPorts) => (directory: string) => confinedTo(ports, directory);

/** Ponds in stores, loaded with the first one. */
const sharing = onDemand(() => import('./steward/shared-ponds.js'));

const serving = onDemand(() => import('./serve/serve.js'));

/** Functions that live beside a pond rather than for one call of it; loaded when they are wanted. */
const servingOf = (ports: StewardPorts): Pick<Program, 'serve' | 'work' | 'takeTasks' | 'serveLink'> => ({
  serveLink: (options) => async () => (await import('./serve/http/serve-http.js')).linkOf(ports, options)(),
  serve: (directories, options, { signal, onReady, http }) =>
    pipe(
      withServed<ServeHttpError, WorkDone>(
        ports,
        directories,
        options,
        { ending: signal, waits: true },
        (ponds) =>
          serving(({ serve }) =>
            serve(ponds, { signal, parts: http === null ? [] : [httpPart(ports, http)], onReady }),
          ),
      ),
      endingInOrder,
    ),
  work: (directories, options, { signal }) =>
    withServed(ports, directories, options, { ending: signal, waits: false }, (ponds) =>
      serving(({ workOnce }) => workOnce(ponds, signal)),
    ),
  takeTasks: (addresses, options, taking, working) =>
    pipe(
      withServed(ports, addresses, options, { ending: working.signal, waits: !taking.drain }, (ponds) =>
        serving(({ takeTasks }) => takeTasks(ponds, taking, working)),
      ),
      endingInOrder,
    ),
});

/** Takes it for no error that somebody is told to end while what it needs is waited for: it has done nothing, and nothing is wrong. */
const endingInOrder = <E>(work: TE.TaskEither<E, WorkDone>): TE.TaskEither<E, WorkDone> =>
  pipe(
    work,
    TE.orElse((error) => (endedWhileWaiting(error) ? TE.right(NOTHING_DONE) : TE.left(error))),
  );

/** The server that shows the ponds. Neither it nor the page is loaded without one. */
const httpPart = (
  ports: StewardPorts,
  options: Omit<HttpOptions, 'page'>,
): ServePart<PondError | ServeHttpError> => ({
  begin: (ponds) => async () => {
    const [{ showing }, { nodeHttpServer }, { readPage }] = await Promise.all([
      import('./serve/http/showing.js'),
      import('./adapters/node/network/node-http-server.js'),
      import('./adapters/node/page-directory.js'),
    ]);
    const page = readPage();
    return showing({ ...ports, server: nodeHttpServer }, { ...options, page }).begin(ponds)();
  },
});

/** Opens ponds to be served, or waits until they can be, and closes them whatever happens; what others left to them is then left again. */
const withServed = <E, A>(
  ports: StewardPorts,
  directories: readonly string[],
  options: OpenOptions,
  until: { readonly ending: AbortSignal; readonly waits: boolean },
  use: (ponds: readonly ServedPond[]) => TE.TaskEither<PondError | E, A>,
  opened: readonly ServedPond[] = [],
): TE.TaskEither<PondError | E, A> => {
  const [first, ...rest] = directories;
  if (first === undefined) return use(opened);
  const open = openNamed(ports, first, { ...options, ...workOnPonds });
  return TE.bracket(
    pipe(
      until.waits
        ? whenReached(ports, until.ending, open, (pond) => createSteward(pond, until.ending).close())
        : open,
      TE.tap(refuseFullDisk),
      TE.map(
        (pond): ServedPond => ({
          pond,
          steward: createSteward(pond, until.ending),
          changes: changeSignal(),
          news: changeSignal(),
          arrivals: changeSignal(),
        }),
      ),
    ),
    (served) => withServed(ports, rest, options, until, use, [...opened, served]),
    ({ steward }) => steward.close(),
  );
};

/** Refuses a copy of the control table to whoever serves a pond for long: once there is room it can be served. */
const refuseFullDisk = ({ control }: Pond): TE.TaskEither<PondError, void> => {
  if (control.readOnly?._tag !== 'ControlFailed') return TE.right(undefined);
  control.close();
  return TE.left(control.readOnly);
};

/** Work that tasks of a pond ask for and that itself makes commits, or reads more than a task does: loaded when it is wanted. */
const workOnPonds: Pick<OpeningOptions, 'pushAsTask' | 'runScheduled'> = {
  pushAsTask: (pond, ...push) => acting(({ pushAsTask }) => pushAsTask(pond, ...push)),
  runScheduled: (pond, ...run) => acting(({ runScheduledWriter }) => runScheduledWriter(pond, ...run)),
};

/** Work on the pond in a directory, by ports that are confined to it. */
const within = <A>(
  ports: StewardPorts,
  given: string,
  work: (confined: StewardPorts, directory: string) => TE.TaskEither<PondError, A>,
): TE.TaskEither<PondError, A> => {
  const directory = resolve(given);
  return pipe(work(confinedTo(ports, directory), directory), TE.mapLeft(aboutPlace(ports, directory)));
};

/** Facts about the process that connects. */
interface ConnectedFrom {
  readonly onLogger?: (logger: Logger) => void;
  /** The words that start it, where it is the executable: its queries are evaluated in processes of their own. */
  readonly executable?: readonly string[] | null;
}

/** Program that the executable runs on. An SDK is loaded and started where one is asked for, and nowhere else. */
export const connect = async (
  { level, otlp, watch, advice, asksQueries = false }: ConnectOptions,
  { onLogger = () => undefined, executable = null }: ConnectedFrom = {},
): Promise<Program> => {
  const portsOf = (logger: Logger): StewardPorts => {
    const live = livePorts(logger);
    const ports =
      executable === null ? live : withSeparateQueries(live, { executable, isWanted: asksQueries });
    return watch === undefined ? ports : { ...ports, queryEngine: watchedEngine(ports.queryEngine, watch) };
  };
  const logger = createLogger({ level: level ?? 'warn', ofTasks: level === null, advice });
  const host = nodeHost();
  const redact = wordsWithoutSecrets(host.variables);
  onLogger(redactingLogger(logger, redact));
  const settings = telemetrySettings(host.variables, otlp);
  if (settings === null) return assemble(portsOf(logger));
  const { startSdk } = await import('./telemetry/start-sdk.js');
  const sdk = await startSdk(settings, {
    clock: nodeClock,
    ids: uuidIds,
    host,
    logger: redactingLogger(logger, redact),
    // What is collected somewhere is not read on the way: there it is all that happens.
    logLevel: level === 'silent' ? null : (level ?? 'info'),
    write: writeToStderr,
  });
  return { ...assemble(portsOf(sdk.logger)), flush: sdk.flush };
};

/** The same for a process that does nothing else: what users' modules do not await fails them, and not the process. */
export const connectProcess = (options: ConnectOptions): Promise<Program> =>
  connect(options, { onLogger: handleStrayErrors, executable: process.argv.slice(0, 2) });
