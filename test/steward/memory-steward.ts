import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { PowerCut } from '../../src/adapters/memory/file-system/faults.js';
import type { Program } from '../../src/cli/program.js';
import type { PondError } from '../../src/steward/errors.js';
import type { OpenOptions } from '../../src/steward/shapes/open-options.js';
import type { WriteOutcome } from '../../src/steward/shapes/transactions.js';
import type { Steward } from '../../src/steward/steward.js';
import { type Machine, newMachine, processOn } from '../power-loss/machine.js';
import { POND } from '../power-loss/protocols.js';

/** A pond on a machine in memory, on which processes run one after the other. */
export interface MemoryPond {
  /** The machine as the last process left it. */
  readonly machine: () => Machine;
  /** A new process; returns the steward's answer, error or not. */
  readonly ask: <A>(
    use: (steward: Steward) => TE.TaskEither<PondError, A>,
    options?: OpenOptions,
  ) => Promise<Awaited<ReturnType<TE.TaskEither<PondError, A>>>>;
  /** The same for what must succeed. */
  readonly on: <A>(
    use: (steward: Steward) => TE.TaskEither<PondError, A>,
    options?: OpenOptions,
  ) => Promise<A>;
  /** A new process that uses the product without opening the pond. */
  readonly program: () => Program;
  /** A process that is killed before its step `at`; returns whether it has come to its end before. */
  readonly killed: (
    at: number,
    use: (steward: Steward) => TE.TaskEither<PondError, unknown>,
    options?: OpenOptions,
  ) => Promise<boolean>;
}

export const ok = <E, A>(answer: Awaited<ReturnType<TE.TaskEither<E, A>>>): A => {
  if (isLeft(answer)) throw new Error(JSON.stringify(answer.left));
  return answer.right;
};

/** Opens the pond, uses its steward, closes it. */
const using = <A>(
  program: Program,
  use: (steward: Steward) => TE.TaskEither<PondError, A>,
  options: OpenOptions,
): TE.TaskEither<PondError, A> =>
  pipe(
    program.open(POND, { trust: 'all', ...options }),
    TE.flatMap((steward) =>
      pipe(
        use(steward),
        TE.tap(() => steward.close()),
        TE.tapError(() => steward.close()),
      ),
    ),
  );

/** A pond after `init`, on the given machine or a new one. */
export const memoryPond = async (given?: Machine): Promise<MemoryPond> => {
  let machine = given ?? newMachine();
  const start = (cutAt = Number.POSITIVE_INFINITY): Program => {
    const process = processOn(machine, cutAt);
    machine = process.machine;
    return process.program;
  };
  const ask: MemoryPond['ask'] = (use, options = {}) => using(start(), use, options)();
  if (given === undefined) ok(await start().init(POND, {})());
  return {
    machine: () => machine,
    ask,
    on: async (use, options) => ok(await ask(use, options)),
    program: () => start(),
    killed: async (at, use, options = {}) => {
      try {
        ok(await using(start(at), use, options)());
        return true;
      } catch (error) {
        if (error instanceof PowerCut) return false;
        throw error;
      }
    },
  };
};

export const writing =
  (path: string, content = path) =>
  (steward: Steward): TE.TaskEither<PondError, WriteOutcome<unknown>> =>
    steward.write(({ fs }) =>
      pipe(
        fs.mkdirAll('/in'),
        TE.flatMap(() => fs.write(path, Buffer.from(content))),
      ),
    );

export const addingTask =
  (name: string, config: object) =>
  (steward: Steward): TE.TaskEither<PondError, WriteOutcome<unknown>> =>
    steward.write(({ fs }) =>
      fs.createDynamicPath(
        `/etc/system.d/${name}`,
        'file:dynamic',
        'test-executor',
        Buffer.from(JSON.stringify(config)),
        {},
      ),
    );

/** Puts an entry into `/etc/system.d` as a plain file of YAML, or takes it out. */
export const entry =
  (name: string, yaml: string | null) =>
  (steward: Steward): TE.TaskEither<PondError, WriteOutcome<unknown>> =>
    steward.write(({ fs }): TE.TaskEither<PondError, unknown> => {
      const path = `/etc/system.d/${name}.yaml`;
      return yaml === null ? fs.remove(path, {}) : fs.write(path, Buffer.from(yaml));
    });

export const exists = (path: string) => (steward: Steward) => steward.read(({ fs }) => fs.exists(path));

/** What is recorded of writes: their numbers and how they ended, the newest last. */
export const endsOf = async (pond: MemoryPond): Promise<readonly string[]> => {
  const query = { limit: 100, txnSeq: null, transactionTypes: ['write'] } as const;
  const transactions = await pond.on((steward) => steward.transactions(query));
  return transactions.map(({ txnSeq, status }) => `${txnSeq} ${status}`).toReversed();
};
