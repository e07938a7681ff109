import { childOf, type PondPath, ROOT } from './pond-path.js';

/** Directory of a pond's configuration. */
export const CONFIGURATION_DIRECTORY = childOf(ROOT, 'etc');

/** File of a pond's settings: in the pond itself, so that they are versioned with it. */
export const SETTINGS_PATH = childOf(CONFIGURATION_DIRECTORY, 'pond.yaml');

/** Directory in which the steward looks for what follows a commit. */
export const SYSTEM_DIRECTORY = childOf(CONFIGURATION_DIRECTORY, 'system.d');

/** Directory in which the steward looks for what runs before a commit and may refuse it. */
export const GATE_DIRECTORY = childOf(CONFIGURATION_DIRECTORY, 'gate.d');

/** Directory in which the steward looks for what runs at its time. */
export const SCHEDULE_DIRECTORY = childOf(CONFIGURATION_DIRECTORY, 'schedule.d');

/** Directory in which the steward looks for folders of the host's whose files are taken in. */
export const WATCH_DIRECTORY = childOf(CONFIGURATION_DIRECTORY, 'watch.d');

/** The directories whose entries run, by their names. */
export const SYSTEM_DIRECTORIES: readonly PondPath[] = [
  GATE_DIRECTORY,
  SCHEDULE_DIRECTORY,
  SYSTEM_DIRECTORY,
  WATCH_DIRECTORY,
];

/** The reserved name in {@link SYSTEM_DIRECTORY}: how the entries are scheduled. */
export const SCHEDULE_NAME = 'config.yaml';

/** The file of that name. */
export const SCHEDULE_PATH = childOf(SYSTEM_DIRECTORY, SCHEDULE_NAME);
