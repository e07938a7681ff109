import type { Factory } from '../../factories/factory.js';

/** Options of opening a pond. */
export interface OpenOptions {
  /** Tells whether tasks follow a write (`run`), or its commit lands and nothing is run after it (`suppress`, as by `--no-post-commit`). Default `run`. */
  readonly postCommit?: 'run' | 'suppress';
  /**
   * Tells whether a write runs its tasks before it returns (`wait`), or leaves them to a runner in the background
   * (`background`); where none lives, it runs them all the same. Default: what the setting `post_commit` says.
   */
  readonly tasks?: 'wait' | 'background';
  /** Tells whether the gates of `/etc/gate.d` are asked before a write is committed. Default `ask`. */
  readonly gates?: 'ask' | 'skip';
  /**
   * Milliseconds to wait for the writer's lock, counted from the last turn of a write of the same opened pond: of hundreds that are
   * begun at once each has its own. Default 10,000.
   */
  readonly lockTimeoutMs?: number;
  /** Milliseconds that a task waits for an earlier one of the same configuration in another process. Default 60,000. */
  readonly taskWaitMs?: number;
  /**
   * Factories of this program, beside those of modules; of two with one name the later one counts. Another process
   * knows them only if it is given them, too.
   */
  readonly factories?: readonly Factory[];
  /** Modules with factories of the user's; relative paths are taken from the working directory. */
  readonly factoryModules?: readonly string[];
  /** `all`: run what this pond says although this user has not approved it. Default `approved`. */
  readonly trust?: 'approved' | 'all';
  /** The command that is recorded with transactions. Secrets in it are redacted. Default: none. */
  readonly cliArgs?: readonly string[];
  /** Address of the control table of a pond in a store; default: the one that the pond names, where this user has approved it. */
  readonly control?: string;
  /** Server of an S3 store other than Amazon's; default: `$AWS_ENDPOINT_URL_S3`, `$AWS_ENDPOINT_URL`. */
  readonly endpoint?: string;
  /** Region of an S3 store; default: `$AWS_REGION`. */
  readonly region?: string;
  /** Directory for copies of what is used of ponds in stores; default: `$POND_CACHE`, else `pond-steward` in `$XDG_CACHE_HOME`. */
  readonly cache?: string;
}
