import type * as TE from 'fp-ts/lib/TaskEither.js';
import { SETTINGS_PATH } from '../../domain/paths/configuration-paths.js';
import { steps } from '../../effects/steps.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import type { RemoteSettings } from '../shapes/remote-reports.js';

/** The settings of a pond, defaults filled in. */
export interface Settings {
  readonly factoryModes: Readonly<Record<string, 'push' | 'pull'>>;
  readonly factoryModules: readonly string[];
  readonly recoverOnOpen: 'warn' | 'auto' | 'off';
  /** Tells whether a write runs its tasks before it returns, or leaves them to a background runner. */
  readonly postCommit: 'wait' | 'background';
  /** Milliseconds for which the output of tasks is kept. */
  readonly keepOutputMs: number;
  /** Names of environment variables whose values are secret; `*` stands for any characters. */
  readonly secretVariables: readonly string[];
  /** Remotes that are pushed to, by name. */
  readonly remotes: Readonly<Record<string, RemoteSettings>>;
}

export const DEFAULT_SETTINGS: Settings = {
  factoryModes: {},
  factoryModules: [],
  recoverOnOpen: 'warn',
  postCommit: 'wait',
  keepOutputMs: 30 * 86_400_000,
  secretVariables: [],
  remotes: {},
};

/** The settings' file as it is in one state of the pond; null where there is none. */
export const readSettingsFile = (
  fs: Pick<PondReader, 'exists' | 'readBytes'>,
): TE.TaskEither<TinyFsError, Uint8Array | null> =>
  steps(async (s) => ((await s.run(fs.exists(SETTINGS_PATH))) ? s.run(fs.readBytes(SETTINGS_PATH)) : null));
