import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { HostPlans } from '../host-plans/host-plans.js';
import type { Neighbours } from '../host-plans/kinds/check-operation.js';
import type { Clock } from '../ports/clock.js';
import type { FileSystem, HeldFiles } from '../ports/file-system.js';
import type { LogLevel } from '../ports/logger.js';
import type { StorePlace } from '../ports/object-store.js';
import type { QueryEngine, QueryWatch } from '../ports/query-engine.js';
import type { Spool } from '../ports/spool.js';
import type { HttpOptions, ServeHttpError } from '../serve/http/serve-http.js';
import type { WorkDone } from '../serve/pond-job.js';
import type { Taking } from '../serve/taking.js';
import type { PondError } from '../steward/errors.js';
import type { OpenOptions } from '../steward/shapes/open-options.js';
import type { FsckOptions, FsckReport } from '../steward/shapes/report.js';
import type { WriteOutcome } from '../steward/shapes/transactions.js';
import type { FetchedPond, FetchOptions } from '../steward/shapes/transfer-options.js';
import type { Steward } from '../steward/steward.js';
import type { Trust } from '../steward/trust-survey.js';

/** Result of `rebuild-control`. */
export interface RebuildReport {
  /** Commits that the control table had not known. */
  readonly added: number;
  /** Commits that the log no longer tells of, since another engine removed its oldest entries. */
  readonly forgotten: number;
  /** Contents that cannot be read any more, which tasks of those commits may need. */
  readonly contentsForgotten: number;
  /** Path to which an unusable control database was put aside, if there was one. */
  readonly putAside: string | null;
}

/** Functions of the product that the command line needs. Made by the composition root once the options are known. */
export interface Program {
  readonly init: (
    directory: string,
    options: OpenOptions & { readonly birthplace?: string; readonly sharedWith?: number },
  ) => TaskEither<PondError, WriteOutcome<void>>;
  readonly open: (directory: string, options: OpenOptions) => TaskEither<PondError, Steward>;
  /** Serves ponds until it is told to stop. */
  readonly serve: (
    directories: readonly string[],
    options: OpenOptions,
    serving: {
      readonly signal: AbortSignal;
      readonly onReady: (says: readonly string[]) => void;
      /** The server that shows them; null: there is none. */
      readonly http: Omit<HttpOptions, 'page'> | null;
    },
  ) => TaskEither<PondError | ServeHttpError, WorkDone>;
  /** The link to the page of a server with these options. */
  readonly serveLink: (http: Omit<HttpOptions, 'page'>) => TaskEither<ServeHttpError, string>;
  /** Does once what there is to do now in the background of ponds. */
  readonly work: (
    directories: readonly string[],
    options: OpenOptions,
    working: { readonly signal: AbortSignal },
  ) => TaskEither<PondError, WorkDone>;
  /** Takes tasks of ponds that many machines share, one by one, until it is told to stop or has drained them. */
  readonly takeTasks: (
    addresses: readonly string[],
    options: OpenOptions,
    taking: Taking,
    working: { readonly signal: AbortSignal; readonly onReady: () => void },
  ) => TaskEither<PondError, WorkDone>;
  /** Makes a replica or a pond of a remote, in a directory in which there is none. */
  readonly fetch: (
    directory: string,
    place: StorePlace,
    options: FetchOptions,
  ) => TaskEither<PondError, FetchedPond>;
  readonly rebuildControl: (directory: string, options: OpenOptions) => TaskEither<PondError, RebuildReport>;
  /** Checks a pond, one that cannot be opened, too. */
  readonly fsck: (directory: string, options: FsckOptions & OpenOptions) => TaskEither<PondError, FsckReport>;
  /** Approvals of this user, loaded when they are asked for. */
  readonly trust: (options?: OpenOptions) => Promise<Trust>;
  /** Host plans, with their checkpoints in a pond where `pond` is the directory of one, else in the user's state directory. */
  readonly hostPlans: (pond: string | null) => HostPlans;
  /** The host's files, for `copy` and configuration files. */
  readonly files: FileSystem;
  /** The same for what `copy` takes in or writes as a whole: paths go on leading where they led first, where the system can see to that. */
  readonly hold: () => HeldFiles;
  /** Owners in whose directories `copy` may work. */
  readonly neighbours: Neighbours;
  /** Takes in what comes from a pipe before the writer's lock is taken. */
  readonly spool: Spool;
  /** SQL over a content, for `cat`. What answers it is loaded at the first query. */
  readonly queryEngine: QueryEngine;
  /** Sends the telemetry that is still here; bounded in time, never rejects. Missing: none is gathered. */
  readonly flush?: () => Promise<void>;
  readonly clock: Clock;
}

/** Options that one run of the executable says of itself. */
export interface ConnectOptions {
  /** The lowest level of what is logged; null: nobody said. Then it is `warn`, and a terminal sees what tasks say, too. */
  readonly level: LogLevel | 'silent' | null;
  /** A collector's address for telemetry; null: what the standard variables say. */
  readonly otlp: string | null;
  /** Makes somebody who is told how far the engine is with a statement; absent: nobody is. */
  readonly watch?: () => QueryWatch;
  /** Commands of advice in what is logged, as they are to be typed; absent: as they are. */
  readonly advice?: (remedy: string) => string;
  /** True: there will be a query. */
  readonly asksQueries?: boolean;
}

/** The surroundings of one run of the executable. */
export interface Terminal {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Resolves when the data is written, so that a slow reader holds the writer back. False: nobody reads any more. */
  readonly writeOut: (data: Uint8Array | string) => Promise<boolean>;
  /** The errno name of what kept standard output from being written whole; null where nothing did, or its reader has gone. */
  readonly outputError?: () => string | null;
  readonly writeErr: (text: string) => void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Tells whether somebody can be asked. Default false. */
  readonly inIsTerminal?: boolean;
  /** Width of standard output in characters, where it is a terminal that says so. */
  readonly outColumns?: number | undefined;
  /** The words that start this executable, absolute, for who writes down how it is started. Default `pond`. */
  readonly executable?: readonly string[];
  /** Absolute. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts at SIGINT, SIGTERM or SIGHUP. */
  readonly interrupt: AbortSignal;
  /** Runs `work`, during which a second signal does not end the process: for what must not be left half done. */
  readonly withoutExit?: <A>(work: () => Promise<A>) => Promise<A>;
  /** Says that this process works for long from now on, beside others on the same processors. */
  readonly worksForLong?: () => void;
}

/** Everything that `main` is given. */
export interface CliCapabilities {
  readonly terminal: Terminal;
  /** Makes the program. Called only when a command is going to run, so that help and usage errors load nothing. */
  readonly connect: (options: ConnectOptions) => Promise<Program>;
}
