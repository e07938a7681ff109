import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { PowerCut } from '../../src/adapters/memory/file-system/faults.js';
import { loseNothing } from '../../src/adapters/memory/file-system/power-loss.js';
import type { Program } from '../../src/cli/program.js';
import type { HostFileSystem } from '../../src/ports/file-system.js';
import type { WriteOutcome } from '../../src/steward/shapes/transactions.js';
import type { RecoverOptions } from '../../src/steward/shapes/upkeep.js';
import type { Steward } from '../../src/steward/steward.js';
import { lossesOf } from './losses.js';
import { type Machine, machineAfter, processOn } from './machine.js';

export const POND = '/ponds/pond';

/** The contents of a pond's files, by path. */
export type Contents = Readonly<Record<string, string>>;

/** Something that a process does until the power is cut. */
export interface Protocol {
  readonly base: Machine;
  /** Returns, or is cut off. */
  readonly run: (program: Program) => Promise<void>;
  /** What the pond may hold afterwards: before it was acknowledged either of them, then the second. Null: no pond. */
  readonly before: Contents | null;
  readonly after: Contents;
  /** What else is wrong with a machine on which everything was recovered. */
  readonly andThen?: (machine: Machine) => readonly string[];
}

export interface PowerReport {
  /** Steps before which the power was cut, and disks that were looked at. */
  readonly cuts: number;
  readonly disks: number;
  readonly faults: readonly string[];
}

export interface PowerOptions {
  /** Disks that are looked at for one cut, at most. */
  readonly most: number;
  readonly seed: number;
  readonly tamper?: (files: HostFileSystem) => HostFileSystem;
  /** Whether the power is cut before a step, of so many and one more. Default: before each. */
  readonly cuts?: (step: number, of: number) => boolean;
}

/** Cuts the power before every step of a protocol, and once after its end, and looks at the disks that this may leave. */
export const cutEverywhere = async (
  protocol: Protocol,
  { most, seed, tamper, cuts = () => true }: PowerOptions,
): Promise<PowerReport> => {
  const fate = tamper === undefined ? {} : { tamper };
  const rehearsal = processOn(protocol.base, Number.POSITIVE_INFINITY, fate);
  await protocol.run(rehearsal.program);
  const faults: string[] = [];
  let disks = 0;
  for (let cut = 1; cut <= rehearsal.steps() + 1; cut += 1) {
    if (!cuts(cut, rehearsal.steps())) continue;
    const { machine, program } = processOn(protocol.base, cut, fate);
    const acknowledged = await ends(() => protocol.run(program));
    for (const { name, loss } of lossesOf(machine.disk, most, seed + cut)) {
      disks += 1;
      const relaxed = disks % 2 === 0 ? 'kept' : 'lost';
      const found = machineAfter(machine, loss, relaxed);
      const wrong = await faultsOf(protocol, found, acknowledged);
      faults.push(...wrong.map((fault) => `cut before step ${cut}, ${name}, relaxed ${relaxed}: ${fault}`));
    }
  }
  return { cuts: rehearsal.steps() + 1, disks, faults };
};

/** Lets the disk be full from every step of a protocol on, and looks at the pond when there is room again. */
export const fillEverywhere = async (
  protocol: Protocol,
): Promise<PowerReport & { readonly refused: number }> => {
  const rehearsal = processOn(protocol.base, Number.POSITIVE_INFINITY);
  await protocol.run(rehearsal.program);
  const faults: string[] = [];
  let refused = 0;
  for (let full = 1; full <= rehearsal.steps(); full += 1) {
    const { machine, program } = processOn(protocol.base, full, { what: 'disk-full' });
    const said = await errorOf(() => protocol.run(program));
    if (said !== null) refused += 1;
    const unclear =
      said === null || /ENOSPC|SQLITE_FULL|disk is full|not recorded/.test(said) ? [] : [`it says ${said}`];
    const found = machineAfter(machine, loseNothing);
    const wrong = await faultsOf(protocol, found, said === null, { failed: true });
    faults.push(...[...unclear, ...wrong].map((fault) => `full from step ${full} on: ${fault}`));
  }
  return { cuts: rehearsal.steps(), disks: rehearsal.steps(), refused, faults };
};

const errorOf = async (work: () => Promise<void>): Promise<string | null> => {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof CutOff) return error.message;
    throw error;
  }
};

/** Whether it came to its end. */
const ends = async (work: () => Promise<void>): Promise<boolean> => {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof PowerCut || error instanceof CutOff) return false;
    throw error;
  }
};

/** What a process answered instead of an acknowledgement. */
export class CutOff extends Error {}

export const opened = async <A>(
  program: Program,
  use: (steward: Steward) => TE.TaskEither<unknown, A>,
): Promise<A> => {
  const answered = await pipe(
    program.open(POND, {}),
    TE.flatMap((steward) =>
      pipe(
        use(steward) as TE.TaskEither<never, A>,
        TE.tap(() => steward.close()),
      ),
    ),
  )();
  if (isLeft(answered)) throw new CutOff(JSON.stringify(answered.left));
  return answered.right;
};

/** One commit that writes files. Its tasks must have completed. */
export const commitOf =
  (contents: Contents) =>
  async (program: Program): Promise<void> => {
    const outcome: WriteOutcome<unknown> = await opened(program, (steward) =>
      steward.write(({ fs }) =>
        pipe(
          Object.entries(contents),
          TE.traverseSeqArray(([path, content]) => fs.write(path as never, Buffer.from(content))),
        ),
      ),
    );
    const tasks = outcome._tag === 'Committed' ? outcome.tasks : [];
    if (tasks.some(({ state }) => state !== 'completed')) throw new CutOff(JSON.stringify(tasks));
    if (
      outcome._tag === 'Committed' &&
      (!outcome.recorded || !outcome.tasksKnown || outcome.durability === 'unknown')
    )
      throw new CutOff('committed, not recorded or not durable');
  };

const faultsOf = async (
  { before, after, andThen }: Protocol,
  found: Machine,
  acknowledged: boolean,
  options: RecoverOptions = {},
): Promise<readonly string[]> => {
  const { program, machine } = processOn(found, Number.POSITIVE_INFINITY);
  try {
    if (before === null && !acknowledged) {
      const open = await program.open(POND, {})();
      if (isLeft(open)) {
        // There is no pond yet, or its control table is to be made again: `init` and `rebuild-control` say so.
        const made =
          open.left._tag === 'ControlMissing' || open.left._tag === 'ControlUnusable'
            ? await program.rebuildControl(POND, {})()
            : await program.init(POND, {})();
        if (isLeft(made))
          return [`it can neither be opened nor made: ${JSON.stringify([open.left, made.left])}`];
      } else await open.right.close()();
    }
    const recovery = await opened(program, (steward) => steward.recover(options));
    const { remaining, tasks } = recovery;
    const holds = await contentsOf(program);
    const isAfter = JSON.stringify(holds) === JSON.stringify(after);
    const isBefore = JSON.stringify(holds) === JSON.stringify(before ?? after);
    return [
      ...(isAfter || (isBefore && !acknowledged)
        ? []
        : [`the pond holds ${JSON.stringify(shortened(holds))}`]),
      ...(remaining.transactions.length + remaining.tasks.length === 0 ? [] : ['something is unfinished']),
      ...(acknowledged && tasks.length > 0 ? ['a task that had completed ran again'] : []),
      ...tasks.filter(({ state }) => state !== 'completed').map((task) => `task: ${task.errorMessage}`),
      ...(isAfter ? (andThen?.(machine) ?? []) : []),
    ];
  } catch (error) {
    return [
      error instanceof Error
        ? `${error.message} ${error.stack?.split('\n')[1] ?? ''}`
        : JSON.stringify(error),
    ];
  }
};

const shortened = (contents: Contents) =>
  Object.entries(contents).map(([path, content]) => `${path}: ${content.length}`);

const contentsOf = (program: Program): Promise<Contents> =>
  opened(program, (steward) =>
    steward.read(({ fs }) =>
      pipe(
        fs.collectMatches('/in/*' as never),
        TE.flatMap(({ entries }) =>
          pipe(
            entries,
            TE.traverseSeqArray(({ path }) =>
              pipe(
                fs.readBytes(path),
                TE.map((bytes) => [path, Buffer.from(bytes).toString()] as const),
              ),
            ),
          ),
        ),
        TE.map((found) => Object.fromEntries(found) as Contents),
      ),
    ),
  );

/** The machine after a process has done something, all of it durable. */
export const machineWith = async (
  base: Machine,
  run: (program: Program) => Promise<void>,
): Promise<Machine> => {
  const { machine, program } = processOn(base, Number.POSITIVE_INFINITY);
  await run(program);
  return machineAfter(machine, loseNothing);
};
