import { cpSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, documentOf, looking } from '../scenarios/asking.js';
import { type BuiltPonds, type Ended, removeFolder, run } from './built-ponds.js';
import { faultsOfCheck } from './check.js';
import { lastTxnSeq, namesIn, readDeltaLog } from './delta-log.js';
import {
  completedTasks,
  type Expectations,
  faultsOfData,
  faultsOfEnd,
  faultsOfEnded,
  hasLanded,
  journalOf,
  pondIn,
} from './invariants.js';

/** A command that is killed at each of its steps, each time on a copy of the same pond. */
export interface Scenario {
  readonly ponds: BuiltPonds;
  /** Folder that is copied: `pond/`, and what else the tasks need beside it. */
  readonly base: string;
  /** Where the copies are made; each is removed when nothing was wrong with it. */
  readonly scratch: string;
  /** `{folder}` in them is the copy. */
  readonly args: readonly string[];
  /** Adds to a copy what has its place in it; returns what the commands have in their environment besides. */
  readonly furnish?: (folder: string) => Promise<Readonly<Record<string, string>>>;
  /** Exit codes of the command when nobody kills it. */
  readonly codes: readonly number[];
  /** What is wrong after a complete run of a command that fails, and so leaves no pond. Default: what is wrong with the pond. */
  readonly completed?: (folder: string) => readonly string[];
  readonly expected: Expectations;
  /** What a person does after the crash, if not `recover`: the commands, each with the exit codes that are right. */
  readonly rescue?: (folder: string) => readonly Rescue[];
  /** Steps that need no crash of their own; default: none. */
  readonly skips?: (steps: readonly string[], point: number) => boolean;
  /** Whether the number of steps depends on what happens to be under way at once, so that a run may end before the last one. Default: it does not. */
  readonly varies?: boolean;
  /** Whether recovery runs a writer again that was interrupted, so that its data may be there only then. Default: it does not. */
  readonly reruns?: boolean;
  /** What else is wrong in the end. */
  readonly andThen?: (folder: string) => Promise<readonly string[]>;
  /** What happens directly after the crash, before anybody looks. */
  readonly settle?: (folder: string) => Promise<void>;
  /** Whether the pond must open directly after the crash; default: yes. */
  readonly opens?: (folder: string) => boolean;
}

export interface Rescue {
  readonly args: readonly string[];
  readonly codes: readonly number[];
}

export const RECOVER: Rescue = { args: ['recover'], codes: [0, 3] };

export interface MatrixReport {
  /** The names of the steps, in order. */
  readonly steps: readonly string[];
  /** Number of them at which the process was killed. */
  readonly points: number;
  /** What was wrong, with the step at which the process was killed. */
  readonly faults: readonly string[];
}

/** Iterations side by side. */
const LANES = 2;

/**
 * Learns the steps of a command by a complete run, and then, for every step: kills it there, looks at the pond,
 * recovers, looks again.
 */
export const crashMatrix = async (scenario: Scenario): Promise<MatrixReport> => {
  const steps = await learnSteps(scenario);
  const faults = new Map<number, readonly string[]>();
  const all = steps.map((_, index) => index + 1);
  const points = all.filter((point) => scenario.skips?.(steps, point) !== true);
  await sideBySide(points, async (point) => {
    faults.set(point, await crashAt(scenario, point));
  });
  return {
    steps,
    points: points.length,
    faults: [...faults]
      .sort(([a], [b]) => a - b)
      .flatMap(([point, found]) => found.map((fault) => `${point}, at "${steps[point - 1]}": ${fault}`)),
  };
};

/** Goes through all of something, some at a time. */
export const sideBySide = async <A>(all: readonly A[], work: (one: A) => Promise<void>): Promise<void> => {
  const waiting = all.values();
  const lane = async () => {
    for (const one of waiting) await work(one);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
};

/** The names of the steps of a complete run, which must leave nothing to complain of. */
export const learnSteps = async (scenario: Scenario): Promise<readonly string[]> => {
  const folder = await crashedPond(scenario, 'complete', null);
  const faults = scenario.completed?.(folder) ?? (await faultsOfComplete(scenario, folder));
  if (faults.length > 0) throw new Error(`after a complete run: ${faults.join('; ')}`);
  const steps = (await readFile(join(folder, 'steps'), 'utf8')).trimEnd().split('\n');
  await removeFolder(folder);
  return steps;
};

const faultsOfComplete = ({ expected }: Scenario, folder: string): Promise<readonly string[]> => {
  const landed = hasLanded(folder, expected);
  return looking(pondIn(folder), async (looked) => [
    ...(await faultsOfData(looked, expected, landed)),
    ...(await faultsOfEnded(looked, folder, expected, landed)),
  ]);
};

export const copyOf = async ({ base, scratch }: Scenario, name: string): Promise<string> => {
  const folder = join(scratch, name);
  await mkdir(scratch, { recursive: true });
  await removeFolder(folder);
  // Small files, of which each takes ten times as long in the background.
  cpSync(base, folder, { recursive: true });
  // Those of the run that made the base.
  await rm(join(folder, 'steps'), { force: true });
  return folder;
};

const crashAt = async (scenario: Scenario, point: number): Promise<readonly string[]> => {
  const { folder, isKilled } = await runUpTo(scenario, String(point), point);
  if (isKilled) await scenario.settle?.(folder);
  const faults = isKilled ? await faultsAfter(scenario, folder) : await faultsOfComplete(scenario, folder);
  if (faults.length === 0) await removeFolder(folder);
  else await writeFile(join(folder, 'faults'), faults.join('\n'));
  return faults;
};

/**
 * A copy of a scenario's pond after its command was killed at a step, or (null) has come to its end; the file `steps`
 * beside it names those that were reached.
 */
export const crashedPond = async (scenario: Scenario, name: string, point: number | null): Promise<string> =>
  (await runUpTo(scenario, name, point)).folder;

const runUpTo = async (
  scenario: Scenario,
  name: string,
  point: number | null,
): Promise<{ readonly folder: string; readonly isKilled: boolean }> => {
  const folder = await copyOf(scenario, name);
  const ended = await runDying(scenario, folder, scenario.args, point);
  const isKilled = ended.signal === 'SIGKILL';
  const mayEnd = point === null || scenario.varies === true;
  const asItShould = isKilled ? point !== null : mayEnd && scenario.codes.includes(ended.code ?? -1);
  if (asItShould) return { folder, isKilled };
  throw new Error(`${scenario.args[0]}, to be killed at ${point}: ${ended.code} ${ended.stderr}`);
};

/**
 * Runs a command in a copy of a scenario's pond that is killed at a step, unless (null) it may come to its end. The
 * first step is the first that has `from` in its name.
 */
export const runDying = async (
  { ponds, furnish }: Scenario,
  folder: string,
  args: readonly string[],
  point: number | null,
  from = '',
): Promise<Ended> =>
  run(
    ponds.dying,
    pondIn(folder),
    args.map((word) => word.replaceAll('{folder}', folder)),
    {
      env: {
        ...(await furnish?.(folder)),
        POND_TEST_STEPS_FILE: join(folder, 'steps'),
        ...(point === null ? {} : { POND_TEST_DIE_AT: String(point), POND_TEST_DIE_FROM: from }),
      },
    },
  );

/** What is wrong after a crash: directly, after recovery, after another recovery, after one more commit. */
export const faultsAfter = async (scenario: Scenario, folder: string): Promise<readonly string[]> => {
  const { expected, ponds, opens = () => true, rescue = () => [RECOVER], andThen } = scenario;
  const pond = pondIn(folder);
  const opensNow = opens(folder);
  const landedBefore = hasLanded(folder, expected);
  const before = opensNow
    ? await looking(pond, async (looked) => {
        const faults = await faultsOfData(looked, expected, landedBefore);
        return { faults, completed: faults.length > 0 ? [] : completedTasks(await looked.records()) };
      })
    : { faults: await faultsOfClosed(pond), completed: [] };
  if (before.faults.length > 0) return before.faults.map((fault) => `directly after: ${fault}`);
  const { completed } = before;
  const ran = linesOf(folder, completed);

  const env = (await scenario.furnish?.(folder)) ?? {};
  for (const { args, codes } of rescue(folder)) {
    const { code, stdout, stderr } = await askOrRun(ponds, pond, args, env);
    if (code === null || !codes.includes(code)) return [`${args[0]}: exit code ${code}: ${stdout}${stderr}`];
  }
  const landed = hasLanded(folder, expected);
  if (landed !== landedBefore && opensNow && scenario.reruns !== true)
    return ['recovery changed whether the data is there'];
  const after = [
    ...(await looking(pond, async (looked) => [
      ...(await faultsOfData(looked, expected, landed)),
      ...(await faultsOfEnded(looked, folder, expected, landed)),
    ])),
    ...faultsOfRunners(pond),
    ...(await faultsOfCheck(pond, ['LastCheckpointMissing'])),
  ];
  if (after.length > 0) return after.map((fault) => `after recovery: ${fault}`);
  if (linesOf(folder, completed).length !== ran.length) return ['recovery ran a completed task again'];
  const later = [...(await faultsOfSecondRecovery(pond)), ...(await faultsOfNextCommit(ponds, folder, env))];
  if (later.length > 0) return later.map((fault) => `later: ${fault}`);
  const special = andThen === undefined ? [] : await andThen(folder);
  const atTheEnd = [
    ...(await faultsOfEnd(folder, expected, landed)),
    ...faultsOfRunners(pond),
    ...(await faultsOfCheck(pond)),
    ...special,
  ];
  return atTheEnd.map((fault) => `at the end: ${fault}`);
};

/** A pond that cannot be opened (yet) says so, and what to do. */
const faultsOfClosed = async (pond: string): Promise<readonly string[]> => {
  const { code, out } = await ask(pond, 'list', '--json');
  if (code === 0) return [];
  const { error } = JSON.parse(out.toString());
  return ['NotAPond', 'ControlMissing', 'ControlUnusable'].includes(error.tag)
    ? []
    : [`list: ${JSON.stringify(error)}`];
};

const linesOf = (folder: string, tasks: readonly string[]): readonly string[] =>
  journalOf(folder).filter((line) => tasks.some((task) => line.startsWith(`${task} `)));

const faultsOfRunners = (pond: string): readonly string[] =>
  namesIn(join(pond, 'control/runners')).map((name) => `left over: control/runners/${name}`);

const faultsOfSecondRecovery = (pond: string): Promise<readonly string[]> =>
  looking(pond, async ({ ask: askOpen, records }) => {
    const before = (await records()).length;
    const recover = ['recover', '--json'];
    const {
      remaining,
      dry_run: _,
      ...did
    } = documentOf(recover, await askOpen(...recover)) as Record<string, unknown>;
    const after = (await records()).length;
    const nothing = JSON.stringify({
      rolled_forward: [],
      failed: [],
      rebuilt: 0,
      gone: [],
      host_plans: [],
      host_plans_problem: null,
      export_contents: 0,
      process_groups: [],
      made_elsewhere: [],
      tasks: [],
    });
    return [
      ...(JSON.stringify(did) === nothing ? [] : [`a second recovery did ${JSON.stringify(did)}`]),
      ...(after === before ? [] : [`a second recovery made ${after - before} records`]),
    ];
  });

/** Runs a command in this process; what needs something in its environment is run by a process that has it. */
const askOrRun = async (
  ponds: BuiltPonds,
  pond: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Pick<Ended, 'code' | 'stdout' | 'stderr'>> => {
  if (Object.keys(env).length > 0) return run(ponds.pond, pond, args, { env });
  const { code, out, err } = await ask(pond, ...args);
  return { code, stdout: String(out), stderr: err };
};

const faultsOfNextCommit = async (
  ponds: BuiltPonds,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> => {
  const pond = pondIn(folder);
  const next = lastTxnSeq(readDeltaLog(pond)) + 1;
  await writeFile(join(folder, 'later.txt'), 'later');
  const args = ['copy', `host://${folder}/later.txt`, '/later.txt', '--json'];
  const { code, stdout, stderr } = await askOrRun(ponds, pond, args, env);
  if (code !== 0 && code !== 3) return [`copy: exit code ${code}: ${stderr}`];
  const { txn_seq, status } = JSON.parse(stdout);
  return txn_seq === next && status === 'committed' ? [] : [`the next commit is ${txn_seq}, not ${next}`];
};
