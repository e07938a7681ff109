import { createInterface } from 'node:readline';
import { setTimeout as timer } from 'node:timers/promises';
import { type BuiltPonds, type Ended, start } from '../crash/machinery/built-ponds.js';
import { pondIn } from '../crash/machinery/invariants.js';
import { contentOf } from './contents.js';
import { type SeededRandom, seededRandom } from './seeded-random.js';

export interface CrowdOptions {
  readonly ponds: BuiltPonds;
  /** The folder with the pond; see `crowdPond`. */
  readonly folder: string;
  /** Processes, 2 or more; two of them are killed at random and restarted. */
  readonly processes: number;
  readonly commits: number;
  readonly seed: number;
  /** Whether the time is up: then nobody begins another commit, and that is a fault. */
  readonly isOver: () => boolean;
  readonly say: (line: string) => void;
  /** Environment for the commands. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A commit that the process which made it was told of. */
export interface Acknowledged {
  readonly path: string;
  readonly content: Buffer;
  readonly txnSeq: number;
  readonly tasks: readonly string[];
}

export interface CrowdReport {
  readonly acknowledged: readonly Acknowledged[];
  readonly kills: number;
  /** What was wrong while they worked. */
  readonly faults: readonly string[];
}

/** Lengths of contents, by process: two of eight write blobs. */
const LENGTHS = [0, 0, 70_000, 0, 3_000, 0, 0, 90_000];

/** Milliseconds that a commit takes before one has been seen. */
const FIRST_GUESS = 600;

/** One in so many commits of a process that is killed at random ends with its death. */
const KILLED_ONE_IN = 5;

/**
 * Processes that write to one pond, all at once. Every other one is a program that keeps the pond open and makes all
 * of its commits; the others run `pond copy` for each. Of each kind the first is killed at random and started again
 * where it had come to.
 */
export const crowd = async (options: CrowdOptions): Promise<CrowdReport> => {
  const acknowledged: Acknowledged[] = [];
  const faults: string[] = [];
  let kills = 0;
  const acknowledge = (one: Acknowledged) => {
    acknowledged.push(one);
    if (acknowledged.length % 50 === 0) options.say(`${acknowledged.length} commits acknowledged`);
  };
  const lanes = Array.from({ length: options.processes }, (_, index) => {
    const lane: Lane = {
      ...options,
      path: `/latest/${index}`,
      length: LENGTHS[index % LENGTHS.length] ?? 0,
      random: seededRandom(options.seed + index),
      isKilled: index < 2,
      onKill: () => {
        kills += 1;
      },
      acknowledge,
      complain: (fault) => faults.push(fault),
    };
    return index % 2 === 0 ? commandAfterCommand(lane) : longLivedProgram(lane);
  });
  await Promise.all(lanes);
  return { acknowledged, kills, faults };
};

interface Lane extends CrowdOptions {
  readonly path: string;
  readonly length: number;
  readonly random: SeededRandom;
  readonly isKilled: boolean;
  readonly onKill: () => void;
  readonly acknowledge: (one: Acknowledged) => void;
  readonly complain: (fault: string) => void;
}

const commandAfterCommand = async (lane: Lane): Promise<void> => {
  const { ponds, folder, path, random, env = {} } = lane;
  let typical = FIRST_GUESS;
  // A kill that comes too late is made up for at the next commit, in half the time.
  let late = 0;
  for (let commit = 1; commit <= lane.commits; commit += 1) {
    if (lane.isOver()) return lane.complain(`${path}: the time was up before commit ${commit}`);
    for (let generation = 0; ; generation += 1) {
      const content = contentOf(path, commit, String(generation), lane.length);
      const args = ['copy', '-', path, '--lock-timeout', '10m', '--task-wait', '10m', '--json'];
      const begun = performance.now();
      const running = start(ponds.pond, pondIn(folder), args, { input: content, env });
      if (lane.isKilled && generation === 0 && (late > 0 || random.chance(1 / KILLED_ONE_IN))) {
        await Promise.race([timer((random.fraction() * typical) / 2 ** late), running.ended]);
        running.child.kill('SIGKILL');
        late += 1;
      }
      const ended = await running.ended;
      if (ended.signal === 'SIGKILL' && lane.isKilled) {
        lane.onKill();
        late = 0;
        continue;
      }
      typical = performance.now() - begun;
      const { txn_seq, tasks } = documentOf(lane, ended);
      lane.acknowledge({ path, content, txnSeq: txn_seq, tasks: tasks.map(({ state }) => state) });
      break;
    }
  }
};

const documentOf = (
  { complain, path }: Lane,
  { code, signal, stdout, stderr }: Ended,
): { readonly txn_seq: number; readonly tasks: readonly { readonly state: string }[] } => {
  if (code !== 0) complain(`${path}: exit code ${code ?? signal}: ${stdout}${stderr}`);
  try {
    return JSON.parse(stdout);
  } catch {
    return { txn_seq: 0, tasks: [] };
  }
};

const longLivedProgram = async (lane: Lane): Promise<void> => {
  const { ponds, folder, path, random } = lane;
  let done = 0;
  let typical = FIRST_GUESS;
  for (let generation = 0; done < lane.commits; generation += 1) {
    const before = done;
    const args = [pondIn(folder), path, String(done + 1), String(lane.commits), String(lane.length)];
    const env = { POND_TEST_GENERATION: String(generation) };
    const running = start(ponds.program, pondIn(folder), args, { env });
    const dies =
      lane.isKilled && lane.commits - done > 1
        ? done + 1 + random.below(Math.min(2 * KILLED_ONE_IN, lane.commits - done - 1))
        : null;
    let last = performance.now();
    for await (const line of createInterface({ input: running.child.stdout as NodeJS.ReadableStream })) {
      const { commit, txn_seq, tasks } = JSON.parse(line);
      done = commit;
      lane.acknowledge({
        path,
        content: contentOf(path, commit, String(generation), lane.length),
        txnSeq: txn_seq,
        tasks,
      });
      typical = performance.now() - last;
      last = performance.now();
      if (done === dies) void timer(random.fraction() * typical).then(() => running.child.kill('SIGKILL'));
    }
    const { code, signal, stderr } = await running.ended;
    if (signal === 'SIGKILL' && dies !== null) lane.onKill();
    else if (code !== 0 || done === before) {
      lane.complain(`${path}: exit code ${code ?? signal}: ${stderr}`);
      return;
    }
  }
};
