import { setTimeout as timer } from 'node:timers/promises';
import type { ProcessGroup } from '../../../ports/processes.js';
import { errnoOf } from '../files/errno.js';
import { groupMembers } from './group-members.js';

/** Time that a process may take to be gone after SIGKILL: longer only where the kernel cannot let go of it. */
const KILLED_MS = 5_000;
const LONGEST_PAUSE_MS = 50;

/**
 * Ends all of a group: SIGTERM, after `graceMs` SIGKILL. Returns whether anything was there to end; rejects where
 * something cannot be ended (it belongs to another user, or hangs in the kernel). That the group is still the one
 * that is meant is the caller's to know: while any of its members lives, its id is not given to another.
 */
export const terminateGroup = async (group: ProcessGroup, graceMs: number): Promise<boolean> => {
  if (!isThere(group) || !signalGroup(group.pgid, 'SIGTERM')) return false;
  // What is stopped would not see SIGTERM before it is continued.
  signalGroup(group.pgid, 'SIGCONT');
  if (await isGoneWithin(group, graceMs)) return true;
  signalGroup(group.pgid, 'SIGKILL');
  if (await isGoneWithin(group, KILLED_MS)) return true;
  throw new Error(`process group ${group.pgid} is still there after SIGKILL`);
};

/** Tells whether there is such a group, be it of zombies only. */
export const groupExists = (pgid: number): boolean => {
  try {
    process.kill(-pgid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
};

const signalGroup = (pgid: number, signal: NodeJS.Signals): boolean => {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
    throw error;
  }
};

const isGoneWithin = async (group: ProcessGroup, milliseconds: number): Promise<boolean> => {
  const deadline = performance.now() + milliseconds;
  for (let pause = 2; isThere(group); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await timer(Math.min(pause, left));
  }
  return true;
};

/** Orphaned zombies stay for good where process 1 does not collect them (many containers), so they count as gone. */
const isThere = ({ pgid, marker }: ProcessGroup): boolean =>
  groupExists(pgid) && groupMembers(pgid, marker).length > 0;
