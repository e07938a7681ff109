import { setTimeout as timer } from 'node:timers/promises';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ChildExit, ChildSpec, Processes, ProcessGroup, SpawnFailed } from '../../../ports/processes.js';
import { errnoOf } from '../files/errno.js';
import { groupExists, terminateGroup } from './end-process-group.js';
import { type GatedChild, spawnGated } from './gated-child.js';
import { commandOf, groupMembers } from './group-members.js';
import { readOutput } from './output-reading.js';
import { findProgram } from './program-path.js';

/**
 * Child processes of Node's, each the leader of a session and a process group of its own. What a child starts
 * belongs to its group unless it leaves it (`setsid`, daemons): such a process is beyond reach.
 */
export const nodeProcesses: Processes = {
  run: (spec, beforeStart) => async () => {
    const program = findProgram(spec.program, spec.cwd, spec.env.PATH);
    if (isLeft(program)) return left(spawnFailed(spec.program, program.left));
    const spawned = await spawnGated(spec, program.right);
    return isLeft(spawned)
      ? left(spawnFailed(spec.program, spawned.left))
      : runBehindGate(spec, spawned.right, beforeStart);
  },

  findGroup: (group) => async () => {
    try {
      if (!(await isStillOurs(group))) return right([]);
      const members = groupMembers(group.pgid, group.marker);
      return right(members.map(({ pid }) => ({ pid, command: commandOf(pid) })));
    } catch (error) {
      return left(spawnFailed(`process group ${group.pgid}`, errnoOf(error)));
    }
  },

  endGroup: (group, graceMs) => async () => {
    try {
      return right((await isStillOurs(group)) && (await terminateGroup(group, graceMs)));
    } catch (error) {
      return left(spawnFailed(`process group ${group.pgid}`, errnoOf(error)));
    }
  },
};

const spawnFailed = (program: string, reason: string): SpawnFailed => ({
  _tag: 'SpawnFailed',
  program,
  reason,
});

/**
 * A group's id is not given to others while any of its members lives, so one marked member speaks for all of them.
 * A member that is just becoming another program shows no environment for a moment, hence several looks.
 */
const isStillOurs = async (group: ProcessGroup): Promise<boolean> => {
  // A row from elsewhere may say any number. To the system 1 and 0 mean all processes and one's own group, and what is less a process.
  if (!Number.isSafeInteger(group.pgid) || group.pgid <= 1) return false;
  for (let look = 0; look < LOOKS && groupExists(group.pgid); look++) {
    if (look > 0) await timer(BETWEEN_LOOKS_MS);
    const members = groupMembers(group.pgid, group.marker);
    if (members.some(({ marked }) => marked)) return true;
    if (members.length === 0) return false;
  }
  return false;
};

const LOOKS = 5;
const BETWEEN_LOOKS_MS = 10;

const runBehindGate = async <E>(
  spec: ChildSpec,
  gated: GatedChild,
  beforeStart: (group: ProcessGroup) => TaskEither<E, void>,
): Promise<Either<E | SpawnFailed, ChildExit>> => {
  const { child, group, gate, exited } = gated;
  const output = readOutput(child, spec.onLine);
  try {
    const allowed = await beforeStart(group)();
    if (isLeft(allowed) || spec.signal.aborted) {
      gate.close();
      await exited;
      return isLeft(allowed) ? allowed : right({ _tag: 'Killed', signal: 'SIGTERM' });
    }
    gate.open();
    // A child that does not read its input, or ends before it has, closes the pipe: that is its right.
    child.stdin?.end(spec.stdin);
    const exit = await exitOrAbort(spec, gated);
    await output.rest(() => endLeftovers(group, spec.graceMs));
    return right(exit);
  } catch (error) {
    return left(spawnFailed(spec.program, errnoOf(error)));
  } finally {
    gate.close();
    output.close();
    // Whoever has left the group may hold these ends open; this process does not live on for their sake.
    child.stdin?.destroy();
  }
};

/** Ends the whole group at an abort and waits until it is gone, not only its leader. */
const exitOrAbort = async (
  { signal, graceMs }: ChildSpec,
  { group, exited }: GatedChild,
): Promise<ChildExit> => {
  let onAbort = (): void => undefined;
  const aborted = new Promise<null>((resolve) => {
    onAbort = () => resolve(null);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    const exit = await Promise.race([exited, aborted]);
    if (exit !== null) return exit;
    await terminateGroup(group, graceMs);
    return await exited;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};

const endLeftovers = async (group: ProcessGroup, graceMs: number): Promise<void> => {
  if (groupExists(group.pgid)) await terminateGroup(group, graceMs);
};
