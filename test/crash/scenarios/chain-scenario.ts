import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupMembers } from '../../../src/adapters/node/processes/group-members.js';
import type { ControlRecord } from '../../../src/control/records/control-record.js';
import { type BuiltPonds, removeFolder, run } from '../machinery/built-ponds.js';
import { chosenSeed } from '../machinery/chosen-seed.js';
import {
  copyOf,
  faultsAfter,
  type MatrixReport,
  RECOVER,
  type Scenario,
  sideBySide,
} from '../machinery/crash-matrix.js';
import { pondIn, tasksOf } from '../machinery/invariants.js';
import { askJson, recordsOf } from './asking.js';
import { bytes, hostFile, plainPond, prepare } from './base-ponds.js';

const otherIn = (folder: string): string => pondIn(join(folder, 'other'));

/** An entry whose task names its group beside the pond `pond`, writes into its journal where it is its own, and does `more`. */
const entry = (place: string, note: string, more: string) => ({
  factory: 'command',
  config: { run: [`echo $$ >> "${place}/groups"; ${note}echo done; ${more}`], shell: true },
});

/**
 * A chain of three entries over two ponds: a commit sets off `10-there`, which writes to the other pond, whose `10-back`
 * writes to the first one again, where `20-arrived` is set off, since it says `derived: true`. With the process that is
 * killed, everything that it has started is.
 */
export const chainScenario = async (ponds: BuiltPonds, folder: string): Promise<Scenario> => {
  const base = join(folder, 'base-chain');
  const pond = await plainPond(base);
  const other = await plainPond(join(base, 'other'));
  // Each of the commands inside it may be told to name its steps, and to die at one: see `innerKills`.
  const call = (inner: Inner) =>
    `env \${STEPS_${inner}:+POND_TEST_STEPS_FILE=$STEPS_${inner}} \${DIE_${inner}:+POND_TEST_DIE_AT=$DIE_${inner}} "${process.execPath}" "${ponds.dying}"`;
  const note = `echo "$POND_TASK \${POND_ATTEMPT_ID##*/}" >> "$POND/../journal"; `;
  const add = (to: string, name: string, config: object) =>
    prepare(to, ['mknod', 'command', `/etc/system.d/${name}`, '--config', JSON.stringify(config)]);
  await add(pond, '10-there', {
    ...entry('$POND/..', note, `date +%s%N | ${call('THERE')} --pond "$POND/../other/pond" copy - /there`),
    condition: { path_pattern: '/in/**' },
  });
  await add(pond, '20-arrived', {
    ...entry('$POND/..', note, 'true'),
    derived: true,
    condition: { path_pattern: '/back' },
  });
  await add(other, '10-back', {
    ...entry('$POND/../..', '', `date +%s%N | ${call('BACK')} --pond "$POND/../../pond" copy - /back`),
  });
  const small = await hostFile(join(folder, 'host-chain'), 'small.bin', bytes(100, 5));
  return {
    ponds,
    base,
    scratch: join(folder, 'chain'),
    args: ['copy', small.url, '/in/'],
    codes: [0],
    expected: {
      files: {},
      writes: { '/in/small.bin': small.content },
      txnSeq: 4,
      tasks: { '/etc/system.d/10-there': ['completed'] },
    },
    settle: endGroups,
    // The other pond first: what its task commits to this one is run here.
    rescue: (of) => [{ args: ['--pond', otherIn(of), 'recover'], codes: [0] }, RECOVER],
    andThen: faultsOfChain,
  };
};

/** The commands inside the chain: the one that writes to the other pond, and the one that writes back. */
export type Inner = 'THERE' | 'BACK';

/**
 * Kills one of the commands inside the chain, and nothing else, at each of its steps: the outer command goes on and ends.
 * What failed by it is then run again.
 */
export const innerKills = async (scenario: Scenario, inner: Inner): Promise<MatrixReport> => {
  const { ponds, args } = scenario;
  const runWith = async (name: string, env: (folder: string) => Readonly<Record<string, string>>) => {
    const folder = await copyOf(scenario, name);
    return { folder, ended: await run(ponds.pond, pondIn(folder), args, { env: env(folder) }) };
  };
  const learnt = await runWith(`${inner}-complete`, (folder) => ({
    [`STEPS_${inner}`]: join(folder, 'inner-steps'),
  }));
  const steps = readFileSync(join(learnt.folder, 'inner-steps'), 'utf8').trimEnd().split('\n');
  await removeFolder(learnt.folder);
  const rescued: Scenario = {
    ...scenario,
    rescue: (of) => [
      { args: ['--pond', otherIn(of), 'recover', '--failed'], codes: [0] },
      { args: ['recover', '--failed'], codes: [0] },
    ],
  };
  const faults: string[] = [];
  // Every other step, odd ones or even ones: most are those of any write.
  const parity = chosenSeed() % 2;
  const tried = steps
    .map((step, index) => ({ step, point: index + 1 }))
    .filter(({ point }) => point % 2 === parity);
  await sideBySide(tried, async ({ step, point }) => {
    const { folder, ended } = await runWith(`${inner}-${point}`, () => ({
      [`DIE_${inner}`]: String(point),
    }));
    await endGroups(folder);
    const found =
      ended.code === null || ![0, 3].includes(ended.code)
        ? [`exit code ${ended.code}: ${ended.stderr}`]
        : await faultsAfter(rescued, folder);
    faults.push(...found.map((fault) => `${inner} ${point}, at "${step}": ${fault}`));
    if (found.length === 0) await removeFolder(folder);
  });
  return { steps, points: tried.length, faults };
};

const endGroups = async (folder: string): Promise<void> => {
  const path = join(folder, 'groups');
  const groups = () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []);
  // What is ended may have started another one meanwhile.
  for (let known = -1; known < groups().length; ) {
    known = groups().length;
    for (const group of groups().map(Number)) {
      if (groupMembers(group, '').length > 0) process.kill(-group, 'SIGKILL');
    }
  }
};

const faultsOfChain = async (folder: string): Promise<readonly string[]> => {
  const { incomplete } = (await askJson(otherIn(folder), 'status')) as { incomplete: Record<string, number> };
  const records = await recordsOf(pondIn(folder));
  const tasks = [...tasksOf(records).values()];
  // The number alone may be that of a later commit.
  const landed = tasks.some(([first]) => first?.configPath === '/etc/system.d/10-there');
  const arrived = tasks.some(
    (history) =>
      history[0]?.configPath === '/etc/system.d/20-arrived' &&
      history.some(({ recordType }) => recordType === 'post_commit_completed'),
  );
  const derived = records.filter(({ causedBy }) => causedBy !== null);
  return [
    ...(incomplete.transactions === 0 && incomplete.tasks === 0
      ? []
      : [`incomplete in the other pond: ${JSON.stringify(incomplete)}`]),
    ...(landed === arrived
      ? []
      : [`the commit is ${landed ? '' : 'not '}there, the chain has ${arrived ? '' : 'not '}arrived`]),
    ...(await faultsOfCauses(folder, derived)),
  ];
};

/**
 * A derived commit has the chain of the commit whose task it was made in, and that task. The commit between was made by a
 * child that may have outlived its runner for a moment: then nothing had caused it, as for whatever an orphan commits.
 */
const faultsOfCauses = async (
  folder: string,
  derived: readonly ControlRecord[],
): Promise<readonly string[]> => {
  if (derived.every(({ causedBy }) => causedBy?.length === 2)) return [];
  const between = await recordsOf(otherIn(folder));
  return derived.flatMap(({ txnSeq, causedBy }) => {
    const last = causedBy?.at(-1)?.task?.split('.')[0];
    const cause = between.find(
      ({ txnSeq: seq, recordType, transactionType }) =>
        String(seq) === last && recordType === 'begin' && transactionType === 'write',
    );
    const whole = cause !== undefined && causedBy?.length === (cause.causedBy ?? []).length + 1;
    return whole ? [] : [`${txnSeq} was caused by ${JSON.stringify(causedBy)}`];
  });
};
