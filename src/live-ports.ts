import { isRight } from 'fp-ts/lib/Either.js';
import { confinedFiles, confinedHostFiles } from './adapters/confined/confined-files.js';
import { confinedDatabases, confinedLocks, confinedLogs } from './adapters/confined/confined-ports.js';
import { type Confinement, confinement, confinementOf } from './adapters/confined/confinement.js';
import { sharedFiles } from './adapters/confined/shared-files.js';
import { queryEngineOnDemand } from './adapters/duckdb/query-engine-on-demand.js';
import { cronCalendar } from './adapters/node/cron-calendar.js';
import { holdNodeFiles } from './adapters/node/files/held-files.js';
import { nodeFileSystem } from './adapters/node/files/node-file-system.js';
import { nodePondFiles, nodePondFilesOfOthers } from './adapters/node/files/node-pond-files.js';
import { httpOnDemand, mailerOnDemand, processesOnDemand } from './adapters/node/loaded-on-demand.js';
import { nodeAppendLogs, nodePondLogs, nodePondLogsOfOthers } from './adapters/node/node-append-logs.js';
import { nodeClock } from './adapters/node/node-clock.js';
import { nodeDirectoryWatch } from './adapters/node/node-directory-watch.js';
import { nodeHost } from './adapters/node/node-host.js';
import { nodeModules } from './adapters/node/node-modules.js';
import { nodeRandom } from './adapters/node/node-random.js';
import { nodeUserState } from './adapters/node/node-user-state.js';
import { nodeWorkingSpaces } from './adapters/node/node-working-spaces.js';
import { asyncCauses } from './adapters/node/own-process/async-causes.js';
import { asyncContentChains } from './adapters/node/own-process/async-content-chains.js';
import { endSelf } from './adapters/node/own-process/end-self.js';
import { uuidIds } from './adapters/node/uuid-ids.js';
import type { QueryProcessStart } from './adapters/query-process/query-child.js';
import { separateOnDemand } from './adapters/query-process/separate-on-demand.js';
import { betterSqlite } from './adapters/sqlite/better-sqlite.js';
import { sqliteLocks } from './adapters/sqlite/sqlite-locks.js';
import { wordsWithoutSecrets } from './domain/secrets/words-without-secrets.js';
import { redactingLogger } from './factories/registry/redact.js';
import { checkpointDirectory, type HostPlanPorts, hostPlansIn } from './host-plans/host-plans.js';
import { acceptanceOf, couldBeExchanged, placeByOwnLinks } from './host-plans/steps/shared-directory.js';
import type { HeldFiles, HostFileSystem } from './ports/file-system.js';
import type { Host } from './ports/host.js';
import type { Logger } from './ports/logger.js';
import type { Telemetry } from './ports/telemetry.js';
import { callerContext } from './steward/pond/in-span.js';
import type { StewardPorts } from './steward/steward-ports.js';
import { openTelemetry } from './telemetry/open-telemetry.js';
import { redactingTelemetry } from './telemetry/redacting-telemetry.js';

/** Files in directories that are shared with a group are the group's, and those in another user's pond that user's. */
const pondFiles = sharedFiles(nodePondFiles);

/** The same where another user could exchange what is in a pond. */
const pondFilesOfOthers = sharedFiles(nodePondFilesOfOthers);

/** The live adapters, joined to the rest here and nowhere else. */
export const livePorts = (given: Logger): StewardPorts => {
  const host = nodeHost();
  const redact = wordsWithoutSecrets(host.variables);
  const logger = redactingLogger(given, redact);
  const telemetry = redactingTelemetry(spans, redact);
  const hostPorts = {
    files: pondFiles,
    hold: holdNodeFiles,
    logs: nodeAppendLogs,
    telemetry,
    caller: callerContext(host),
  };
  const { pid } = host;
  return {
    ...basicPorts(logger, telemetry, host),
    hostPlans: hostPlansOf(
      {
        ...hostPorts,
        clock: nodeClock,
        ids: uuidIds,
        locks: sqliteLocks,
        logger,
        pid,
        host,
        userState: nodeUserState(host),
        neighbours: acceptanceOf(host),
      },
      host,
    ),
  };
};

/** The same, with the queries of somebody in processes of their own. */
export const withSeparateQueries = (ports: StewardPorts, start: QueryProcessStart): StewardPorts => ({
  ...ports,
  queryEngine: separateOnDemand(ports.queryEngine, start),
});

/** Host plans over given ports. Their checkpoints are kept with a pond, where there is one. */
export const hostPlansOf =
  (ports: HostPlanPorts, host: Pick<Host, 'variables'>): StewardPorts['hostPlans'] =>
  (pond) => {
    const isPond = pond !== null && isRight(ports.files.stat(`${pond}/control`)());
    const directory = checkpointDirectory(isPond ? pond : null, host);
    return isPond
      ? hostPlansIn(confinedHostPlans(ports, pond), directory, pond)
      : hostPlansIn(ports, directory);
  };

/** Ports by which a pond's own files are reached as a confinement of its directory says. */
export const confinedTo = (ports: StewardPorts, directory: string): StewardPorts => {
  const { bounds, isOfOthers } = boundsOf(ports.hostFiles, ports.host.user, directory);
  return {
    ...ports,
    files: confinedFiles(ports.files, bounds, isOfOthers ? pondFilesOfOthers : ports.files),
    logs: confinedLogs(isOfOthers ? nodePondLogsOfOthers : ports.logs, bounds),
    databases: confinedDatabases(ports.databases, bounds),
    locks: confinedLocks(ports.locks, bounds),
    stores: {
      open: (place) => async () => {
        const { storesOutside } = await import('./steward/pond/stores-outside.js');
        return storesOutside(ports.stores, ports, { directory, shared: null }).open(place)();
      },
    },
    otherControl: (pond) => confinedTo(ports, pond),
  };
};

/** Bounds of a pond's files, and whether another user could exchange what is within them. */
const boundsOf = (
  files: HostFileSystem,
  user: Host['user'],
  directory: string,
): { readonly bounds: Confinement; readonly isOfOthers: boolean } => ({
  bounds: confinement(files, directory, placeByOwnLinks(files, user)),
  isOfOthers: ['data', 'control'].some((name) => couldBeExchanged(files, user, `${directory}/${name}/entry`)),
});

const confinedHostPlans = (ports: HostPlanPorts, directory: string): HostPlanPorts => {
  const { bounds, isOfOthers } = boundsOf(ports.files, ports.neighbours?.user ?? null, directory);
  const { hold } = ports;
  const confined = (held: HeldFiles): HeldFiles => ({
    ...held,
    files: confinedHostFiles(held.files, bounds),
  });
  return {
    ...ports,
    files: confinedHostFiles(ports.files, bounds, isOfOthers ? pondFilesOfOthers : ports.files),
    ...(hold === undefined ? {} : { hold: () => confined(hold()) }),
    logs: confinedLogs(ports.logs, bounds),
    locks: confinedLocks(ports.locks, bounds),
  };
};

/** A store in a directory that is shared with a group is the group's. */
const storeFiles = sharedFiles(nodePondFiles, { readable: true });

const storeFilesOfOthers = sharedFiles(nodePondFilesOfOthers, { readable: true });

/** Ports by which a directory is a store. Whoever may write it may have put anything there. */
export const storeDirectory = (directory: string) => {
  const { user } = nodeHost();
  const bounds = confinementOf(nodeFileSystem, [directory], placeByOwnLinks(nodeFileSystem, user));
  const isOfOthers = couldBeExchanged(nodeFileSystem, user, `${directory}/entry`);
  return {
    files: confinedFiles(storeFiles, bounds, isOfOthers ? storeFilesOfOthers : storeFiles),
    locks: confinedLocks(sqliteLocks, bounds),
    ids: uuidIds,
  };
};

const basicPorts = (logger: Logger, telemetry: Telemetry, host: Host): Omit<StewardPorts, 'hostPlans'> => ({
  clock: nodeClock,
  calendar: cronCalendar,
  ids: uuidIds,
  random: nodeRandom,
  files: pondFiles,
  hostFiles: nodeFileSystem,
  hold: holdNodeFiles,
  logs: nodePondLogs,
  databases: betterSqlite,
  locks: sqliteLocks,
  workspaces: nodeWorkingSpaces(sqliteLocks, (path) => couldBeExchanged(nodeFileSystem, host.user, path)),
  queryEngine: queryEngineOnDemand,
  processes: processesOnDemand,
  http: httpOnDemand,
  mailer: mailerOnDemand,
  stores: {
    open: (place) => async () => {
      const { objectStores } = await import('./adapters/stores/open-store.js');
      const { variables } = host;
      return objectStores({ directory: storeDirectory, variables }).open(place)();
    },
  },
  modules: nodeModules,
  host,
  userState: nodeUserState(host),
  logger,
  telemetry,
  watch: nodeDirectoryWatch,
  causes: asyncCauses,
  contentChains: asyncContentChains,
  otherControl: () => ({ databases: betterSqlite, locks: sqliteLocks }),
  controlServers: {
    servers: {
      open: (address, options) => async () => {
        const { postgresServers } = await import('./adapters/postgres/postgres-server.js');
        return postgresServers.open(address, options)();
      },
    },
    endSelf,
  },
});

/** Telemetry through OpenTelemetry's API: any SDK that is registered there, by whoever runs this process, sees what is done. */
const spans = openTelemetry({ ids: uuidIds });
