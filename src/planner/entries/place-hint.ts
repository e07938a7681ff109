import {
  GATE_DIRECTORY,
  SCHEDULE_DIRECTORY,
  SCHEDULE_NAME,
  SYSTEM_DIRECTORY,
} from '../../domain/paths/configuration-paths.js';

/** Keys that only entries of `/etc/schedule.d` have. */
const SCHEDULED_ONLY = ['schedule', 'timezone', 'missed'];

/** Keys that only entries have which follow commits. */
const FOLLOWING_ONLY = ['condition', 'depends_on', 'derived', 'run_when', 'if_superseded'];

/** Says in which directory an entry with a key of the envelope belongs that it does not have where it is; null: nowhere else. */
export const placeHint = (path: string, key: string): string | null => {
  const directory = path.slice(0, path.lastIndexOf('/'));
  if (directory === SCHEDULE_DIRECTORY && FOLLOWING_ONLY.includes(key))
    return `an entry that follows commits lies in ${SYSTEM_DIRECTORY}`;
  const followsCommits = directory === SYSTEM_DIRECTORY || directory === GATE_DIRECTORY;
  const isEntry = path !== `${SYSTEM_DIRECTORY}/${SCHEDULE_NAME}`;
  return followsCommits && isEntry && SCHEDULED_ONLY.includes(key)
    ? `an entry that runs at times of its own lies in ${SCHEDULE_DIRECTORY}`
    : null;
};
