import { join } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { Program } from '../../src/cli/program.js';
import { assemble } from '../../src/composition-root.js';
import type { ExecutableFactory, Factory, FactoryContext } from '../../src/factories/factory.js';
import { livePorts } from '../../src/live-ports.js';
import type { WorkDone } from '../../src/serve/pond-job.js';
import type { OpenOptions } from '../../src/steward/shapes/open-options.js';
import type { Steward } from '../../src/steward/steward.js';
import { ok } from '../steward/memory-steward.js';
import { eventually } from '../support/condition.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A pond on the live adapters, which several programs of this process use as processes do. */
export interface DiskPond {
  readonly directory: string;
  /** A program of its own, with what it logs. */
  readonly program: () => {
    readonly program: Program;
    readonly lines: ReturnType<typeof memoryLogger>['lines'];
  };
  readonly open: (options?: OpenOptions) => Promise<Steward>;
}

export const diskPond = async (options: OpenOptions = {}): Promise<DiskPond> => {
  const directory = join(temporaryFolder('serve'), 'pond');
  const program: DiskPond['program'] = () => {
    const { logger, lines } = memoryLogger();
    return { program: assemble(livePorts(logger)), lines };
  };
  ok(await program().program.init(directory, {})());
  return {
    directory,
    program,
    open: async (others = {}) =>
      ok(await program().program.open(directory, { trust: 'all', ...options, ...others })()),
  };
};

/** A process that serves the pond, or several, until it is stopped; returns what it has done. */
export const servedBy = async (
  program: Program,
  directory: string | readonly string[],
  options: OpenOptions = {},
): Promise<{ readonly stop: () => Promise<WorkDone> }> => {
  const stop = new AbortController();
  let ended: Promise<WorkDone> = Promise.resolve({ done: 0, failed: 0 });
  await new Promise<void>((ready, failed) => {
    ended = program
      .serve(
        [directory].flat(),
        { trust: 'all', ...options },
        { signal: stop.signal, onReady: () => ready(), http: null },
      )()
      .then(ok);
    ended.catch(failed);
  });
  return {
    stop: () => {
      stop.abort();
      return ended;
    },
  };
};

/** A factory whose tasks run until the test lets them go, and what is known of them. */
export const heldFactory = () => {
  const begun: string[] = [];
  const going = new Set<string>();
  let open = false;
  const waiting = new Set<() => void>();
  const factory: ExecutableFactory<object> = {
    name: 'held',
    description: 'Runs until it is let go.',
    kind: 'executable',
    modes: ['PostCommitReader'],
    config: t.type({}),
    execute: ({ task, path, signal }: FactoryContext) =>
      TE.tryCatch(
        async () => {
          const name = `${task?.parentTxnSeq}.${task?.executionSeq}`;
          begun.push(name);
          if (going.has(path)) throw new Error(`${path} runs twice at once`);
          going.add(path);
          try {
            await new Promise<void>((resolve, reject) => {
              if (open) return resolve();
              waiting.add(resolve);
              signal.addEventListener('abort', () => reject(new Error('told to stop')));
            });
          } finally {
            going.delete(path);
          }
        },
        (error) => ({ _tag: 'FactoryFailed', path, factory: 'held', message: String(error) }),
      ),
  };
  return {
    factory: factory as Factory,
    /** The tasks whose attempts have begun, in their order. */
    begun: (): readonly string[] => begun,
    /** Lets go of all that run, and of all that come. */
    letGo: () => {
      open = true;
      for (const go of waiting) go();
    },
  };
};

/** Adds an entry of a factory to `/etc/system.d`. */
export const addEntry = async (steward: Steward, name: string, factory: string, config: object = {}) =>
  ok(
    await steward.write(({ fs }) =>
      fs.createDynamicPath(
        `/etc/system.d/${name}`,
        'file:dynamic',
        factory,
        Buffer.from(JSON.stringify(config)),
        {},
      ),
    )(),
  );

/** Waits until the tasks of a commit are in these states. */
export const tasksBecome = (steward: Steward, txnSeq: number, states: readonly string[]): Promise<void> =>
  eventually(`the tasks of commit ${txnSeq} are ${states.join(', ')}`, async () => {
    const tasks = ok(await steward.tasks(txnSeq)());
    return JSON.stringify(tasks.map(({ state }) => state)) === JSON.stringify(states);
  });
