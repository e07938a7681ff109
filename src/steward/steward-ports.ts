import type { HostPlansOnFiles } from '../host-plans/host-plans.js';
import type { AppendLogs } from '../ports/append-log.js';
import type { Calendar } from '../ports/calendar.js';
import type { Causes, ContentChains } from '../ports/causes.js';
import type { Clock } from '../ports/clock.js';
import type { DirectoryWatch } from '../ports/directory-watch.js';
import type { FileSystem, HeldFiles, HostFileSystem } from '../ports/file-system.js';
import type { Host } from '../ports/host.js';
import type { Ids } from '../ports/ids.js';
import type { Locks } from '../ports/locks.js';
import type { Logger } from '../ports/logger.js';
import type { Modules } from '../ports/modules.js';
import type { HttpClient } from '../ports/network/http-client.js';
import type { Mailer } from '../ports/network/mailer.js';
import type { ObjectStores } from '../ports/object-store.js';
import type { Processes } from '../ports/processes.js';
import type { QueryEngine } from '../ports/query-engine.js';
import type { Random } from '../ports/random.js';
import type { SqlDatabases } from '../ports/sql-database.js';
import type { SqlServers } from '../ports/sql-server.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { UserState } from '../ports/user-state.js';
import type { WorkingSpaces } from '../ports/working-spaces.js';

/** Databases on servers, and what becomes of a process that has lost its place in one. */
export interface ControlServers {
  readonly servers: SqlServers;
  /** Ends this process as a signal to stop would, and after so many milliseconds in any case. */
  readonly endSelf: (withinMs: number) => void;
}

/** Everything that the steward needs from outside. */
export interface StewardPorts {
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly ids: Ids;
  readonly random: Random;
  readonly files: FileSystem;
  /** Control tables around a pond: they are looked at, and never changed. */
  readonly hostFiles: HostFileSystem;
  /** The host's files for one piece of work on folders that are watched: paths go on leading where they led first, where the system can see to that. */
  readonly hold: () => HeldFiles;
  /** Files that only grow, in a pond. */
  readonly logs: AppendLogs;
  readonly databases: SqlDatabases;
  readonly locks: Locks;
  readonly processes: Processes;
  readonly http: HttpClient;
  readonly mailer: Mailer;
  readonly stores: ObjectStores;
  readonly modules: Modules;
  readonly workspaces: WorkingSpaces;
  readonly queryEngine: QueryEngine;
  readonly host: Host;
  readonly userState: UserState;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Host plans, with their checkpoints in a pond where `pond` is the directory of one, else in the user's state directory. */
  readonly hostPlans: (pond: string | null) => HostPlansOnFiles;
  readonly watch: DirectoryWatch;
  readonly causes: Causes;
  readonly contentChains: ContentChains;
  /** The control table of another pond, which is only read. */
  readonly otherControl: (pond: string) => Pick<StewardPorts, 'databases' | 'locks'>;
  /** Control tables of ponds that many machines share. */
  readonly controlServers: ControlServers;
}
