import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupMembers } from '../../../src/adapters/node/processes/group-members.js';
import { eventually } from '../../support/condition.js';
import { builtExecutable } from '../../support/pond-cli.js';
import { type Running, removeFolder, start } from '../machinery/built-ponds.js';
import { askJson } from './asking.js';
import { plainPond, prepare } from './base-ponds.js';

/** A task as commands show it. */
export interface ShownTask {
  readonly task: string;
  readonly state: string;
  readonly attempts: number;
}

/** A pond whose one task waits for a file `go` beside the pond, and says in the journal that it is over. */
export interface WaitingTasks {
  readonly folder: string;
  readonly pond: string;
  /** The executable. */
  readonly executable: string;
  /** Starts `pond`; what is still running at the end of the test is killed. */
  readonly start: (args: readonly string[], input?: string) => Running;
  /** Starts a commit and waits until its task, the pond's `count`-th attempt, runs. */
  readonly startUntilRunning: (path: string, count: number) => Promise<Running>;
  /** The same, killed then together with its task's processes: nobody is at its task any more. */
  readonly leaveUnfinished: (path: string, count: number) => Promise<void>;
  /** Process groups of attempts that have begun. */
  readonly groups: () => readonly number[];
  /** Lets tasks end from now on. */
  readonly letGo: () => Promise<void>;
  readonly tasks: (txnSeq: number) => Promise<readonly ShownTask[]>;
  readonly end: () => Promise<void>;
}

const SCRIPT = `A=\${POND_ATTEMPT_ID##*/}; echo "$$" >> "$POND/../groups"
until test -e "$POND/../go"; do sleep 0.05; done
echo "$POND_TASK $A" >> "$POND/../journal"`;

export const waitingTasks = async (script = SCRIPT): Promise<WaitingTasks> => {
  const folder = await mkdtemp(join(tmpdir(), 'pond-crash-waiting-'));
  const executable = builtExecutable();
  const pond = await plainPond(join(folder, 'place'));
  const config = JSON.stringify({ run: [script], shell: true });
  await prepare(pond, ['mknod', 'command', '/etc/system.d/10-waits', '--config', config]);
  const started: Running[] = [];
  const groups = (): readonly number[] => {
    const path = join(pond, '../groups');
    // Whole lines only: the file is there before its first line is.
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1).map(Number) : [];
  };
  const endGroups = () => {
    for (const group of groups()) if (groupMembers(group, '').length > 0) process.kill(-group, 'SIGKILL');
  };
  const startPond: WaitingTasks['start'] = (args, input = '') => {
    const running = start(executable, pond, args, { input });
    started.push(running);
    return running;
  };
  const startUntilRunning: WaitingTasks['startUntilRunning'] = async (path, count) => {
    const running = startPond(['copy', '-', path, '--json'], 'content');
    await eventually(`attempt ${count} runs: ${running.said()}`, () => groups().length === count, 60_000);
    return running;
  };
  return {
    folder,
    pond,
    executable,
    start: startPond,
    startUntilRunning,
    groups,
    leaveUnfinished: async (path, count) => {
      const running = await startUntilRunning(path, count);
      running.child.kill('SIGKILL');
      await running.ended;
      endGroups();
    },
    letGo: () => writeFile(join(pond, '../go'), ''),
    tasks: async (txnSeq) => {
      const shown = (await askJson(pond, 'show-post-commit', String(txnSeq))) as { tasks: ShownTask[] };
      return shown.tasks;
    },
    end: async () => {
      for (const { child } of started) child.kill('SIGKILL');
      await Promise.all(started.map(({ ended }) => ended));
      endGroups();
      await removeFolder(folder);
    },
  };
};
