import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as timer } from 'node:timers/promises';
import { type BuiltPonds, type Ended, run, start } from '../crash/machinery/built-ponds.js';
import { faultsOfCheck } from '../crash/machinery/check.js';
import { lastTxnSeq, namesIn, readDeltaLog } from '../crash/machinery/delta-log.js';
import { completedTasks, faultsOfEnd, journalOf, pondIn } from '../crash/machinery/invariants.js';
import { ask, askJson, recordsOf } from '../crash/scenarios/asking.js';
import { faultsOfExports, faultsOfFiles, faultsOfTree, stateOfTree } from './kill-invariants.js';
import { type SeededRandom, seededRandom } from './seeded-random.js';
import { type Command, chooseCommand, type Model } from './workload.js';

export interface KillsOptions {
  readonly ponds: BuiltPonds;
  /** The folder with the pond; see `killsPond`. */
  readonly folder: string;
  /** Number of processes that die. */
  readonly kills: number;
  readonly seed: number;
  /** Whether the time is up: then nothing more is begun, and that is a fault. */
  readonly isOver: () => boolean;
  readonly say: (line: string) => void;
}

export interface KillsReport {
  /** How many processes were killed, of what. */
  readonly killed: ReadonlyMap<string, number>;
  /** Commands that had ended before they were to be killed. */
  readonly survived: number;
  /** Commits that landed although their process was killed. */
  readonly landed: number;
  /** The first thing that was wrong ends the run. */
  readonly faults: readonly string[];
}

/** Number of commands after which everything is looked at, not only what is cheap. */
const CLOSE_LOOK = 25;

/** Milliseconds that a command takes before anything is known about it. */
const FIRST_GUESS = 500;

/** Share of the processes that are killed at a step of theirs, the rest at a moment. */
const AT_A_STEP = 0.6;

/** Share of the recoveries that are killed, too, before one is let through. */
const RECOVERY_DIES = 0.3;

interface Run extends KillsOptions {
  readonly random: SeededRandom;
  /** Milliseconds and steps that commands of a kind need when nobody kills them. */
  readonly known: Map<string, { readonly milliseconds: number; readonly steps: number }>;
  readonly killed: Map<string, number>;
  /** The files of the pond at each of its transactions. */
  readonly history: Map<number, Model>;
}

/**
 * Commands of all kinds, one after another, each killed somewhere: at one of its durable steps or at any moment.
 * After each the pond is recovered (sometimes that is killed, too) and compared with the model.
 */
export const randomKills = async (options: KillsOptions): Promise<KillsReport> => {
  const base = lastTxnSeq(readDeltaLog(pondIn(options.folder)));
  const going: Run = {
    ...options,
    random: seededRandom(options.seed),
    known: new Map(),
    killed: new Map(),
    history: new Map([[base, new Map()]]),
  };
  let [survived, landed, round] = [0, 0, 0];
  const report = (faults: readonly string[]) => ({ killed: going.killed, survived, landed, faults });
  for (; killsOf(going) < options.kills; round += 1) {
    if (options.isOver()) return report([`the time was up after ${killsOf(going)} kills`]);
    const outcome = await oneRound(going, round);
    if (outcome.survived) survived += 1;
    else if (outcome.landed) landed += 1;
    if (outcome.faults.length > 0) {
      return report(outcome.faults.map((fault) => `round ${round}, ${outcome.what}: ${fault}`));
    }
    if (round % 50 === 49) options.say(`${killsOf(going)} kills in ${round + 1} rounds`);
  }
  return report([]);
};

const killsOf = ({ killed }: Run): number => [...killed.values()].reduce((sum, count) => sum + count, 0);

interface Round {
  readonly what: string;
  readonly survived: boolean;
  readonly landed: boolean;
  readonly faults: readonly string[];
}

const oneRound = async (going: Run, round: number): Promise<Round> => {
  const { folder, random, history } = going;
  const pond = pondIn(folder);
  const before = lastTxnSeq(readDeltaLog(pond));
  const model = history.get(before) ?? new Map();
  const failedTasks = await retryable(pond);
  const command = chooseCommand({ folder, random, round, model, failedTasks });
  // Whether the flaky task succeeds.
  if (random.chance(0.5)) await writeFile(join(folder, 'go'), '');
  else await rm(join(folder, 'go'), { force: true });
  const tree = stateOfTree(folder);

  const { ended, how } = await killed(going, command);
  const what = `pond ${command.args.join(' ').slice(0, 200)}, ${how}`;
  const wrong = (faults: readonly string[]): Round => ({ what, survived: false, landed: false, faults });
  if (ended.signal !== 'SIGKILL' && ![0, 3].includes(ended.code ?? -1)) {
    return wrong([`exit code ${ended.code ?? ended.signal}: ${ended.stdout}${ended.stderr}`]);
  }
  const seq = lastTxnSeq(readDeltaLog(pond));
  if (seq > before + 1) return wrong([`${seq - before} transactions of one command`]);
  if (seq > before) history.set(seq, command.after);
  const completed = completedTasks(await recordsOf(pond));
  const ran = linesOf(folder, completed);

  for (let tries = 0; tries < 2 && random.chance(RECOVERY_DIES); tries += 1) {
    await killed(going, { kind: 'recover', args: ['recover'], after: model });
  }
  const recovery = random.chance(0.2)
    ? await run(going.ponds.pond, pond, ['recover'])
    : await ask(pond, 'recover').then(({ code, out, err }) => ({ code, stdout: String(out), stderr: err }));
  if (recovery.code !== 0 && recovery.code !== 3) {
    return wrong([`recover: exit code ${recovery.code}: ${recovery.stdout}${recovery.stderr}`]);
  }
  const host = await ask(pond, 'host', 'recover');
  if (String(host.out) !== 'nothing to recover\n') {
    return wrong([`host recover, after recover: exit code ${host.code}: ${host.out}${host.err}`]);
  }

  const faults: string[] = [];
  if (lastTxnSeq(readDeltaLog(pond)) !== seq) faults.push('recovery made or lost a transaction');
  const closely = round % CLOSE_LOOK === CLOSE_LOOK - 1;
  faults.push(...(await faultsOfFiles(pond, history.get(seq) ?? new Map(), closely)));
  faults.push(...faultsOfTree(folder, round, tree, stateOfTree(folder)));
  faults.push(...(await faultsOfExports(folder, history)));
  faults.push(
    ...(await faultsOfEnd(folder, { files: {}, writes: {}, txnSeq: 0, tasks: {} }, false)),
    ...namesIn(join(pond, 'control/runners')).map((name) => `left over: control/runners/${name}`),
  );
  if (linesOf(folder, completed).length !== ran.length) faults.push('a completed task ran again');
  if (closely) faults.push(...(await faultsOfCheck(pond)));
  return { what, survived: ended.signal !== 'SIGKILL', landed: seq > before, faults };
};

const linesOf = (folder: string, tasks: readonly string[]): readonly string[] => {
  const wanted = new Set(tasks);
  return journalOf(folder).filter((line) => wanted.has(line.split(' ')[0] ?? ''));
};

const retryable = async (pond: string): Promise<readonly string[]> => {
  const { failed_tasks } = (await askJson(pond, 'control', '--mode', 'incomplete')) as {
    readonly failed_tasks: readonly { readonly task: string }[];
  };
  return failed_tasks.map(({ task }) => task);
};

/** Runs a command that is killed at a step or at a moment, unless it ends before. */
const killed = async (
  going: Run,
  { kind, args, input }: Command,
): Promise<{ readonly ended: Ended; readonly how: string }> => {
  const { ponds, folder, random, known } = going;
  const stepsFile = join(folder, 'steps');
  await rm(stepsFile, { force: true });
  const { milliseconds, steps } = known.get(kind) ?? { milliseconds: FIRST_GUESS, steps: 0 };
  const atStep = steps > 0 && random.chance(AT_A_STEP) ? 1 + random.below(steps) : null;
  const env = {
    POND_TEST_STEPS_FILE: stepsFile,
    ...(atStep === null ? {} : { POND_TEST_DIE_AT: String(atStep) }),
  };
  const moment = random.fraction() * milliseconds;
  const begun = performance.now();
  const running = start(ponds.dying, pondIn(folder), args, { env, input: input ?? '' });
  if (atStep === null && known.has(kind)) {
    await Promise.race([timer(moment), running.ended]);
    running.child.kill('SIGKILL');
  }
  const ended = await running.ended;
  if (ended.signal === 'SIGKILL') going.killed.set(kind, (going.killed.get(kind) ?? 0) + 1);
  else if (ended.code === 0 || ended.code === 3) {
    const reached = await readFile(stepsFile, 'utf8').catch(() => '');
    known.set(kind, {
      milliseconds: performance.now() - begun,
      steps: Math.max(steps, reached.split('\n').length - 1),
    });
  }
  return {
    ended,
    how: atStep === null ? `killed after ${Math.round(moment)} ms` : `killed at step ${atStep}`,
  };
};
