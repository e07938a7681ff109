import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { settableClock } from '../../src/adapters/memory/settable-clock.js';
import { assemble } from '../../src/composition-root.js';
import type { FiringStatus } from '../../src/control/records/firing-record.js';
import type { ExecutableFactory, Factory, FactoryContext } from '../../src/factories/factory.js';
import { livePorts } from '../../src/live-ports.js';
import type { WorkDone } from '../../src/serve/pond-job.js';
import type { OpenOptions } from '../../src/steward/shapes/open-options.js';
import type { Steward } from '../../src/steward/steward.js';
import type { StewardPorts } from '../../src/steward/steward-ports.js';
import { runMain } from '../cli/fakes.js';
import { ok } from '../steward/memory-steward.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Runs of the factories below, in their order. */
export interface Ran {
  readonly path: string;
  readonly txnSeq: number;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly outcomes: readonly string[];
}

/** A pond on whose clock time passes when the test says so, and a steward and a server of it in this process. */
export const scheduledPond = async (start: string, options: OpenOptions = {}) => {
  const directory = join(temporaryFolder('schedules'), 'pond');
  const { clock, setDate, advance } = settableClock(Date.parse(start) * 1000);
  const { logger, lines } = memoryLogger();
  const ran: Ran[] = [];
  let broken = false;
  const note = ({ path, txnSeq, attempt, idempotencyKey, outcomes }: FactoryContext): void => {
    ran.push({
      path,
      txnSeq,
      attempt,
      idempotencyKey,
      outcomes: outcomes.map(({ task, countsAs, notice }) =>
        `${task} ${countsAs} ${notice?.of ?? ''}`.trim(),
      ),
    });
  };
  const watch: ExecutableFactory<object> = {
    name: 'watch',
    description: 'Notes that it ran; fails while it is broken.',
    kind: 'executable',
    modes: ['PostCommitReader'],
    config: t.type({}),
    execute: (context) =>
      TE.tryCatch(
        async () => {
          note(context);
          context.log.log('info', 'looked', { broken });
          if (broken) throw new Error('it is broken');
        },
        (error) => ({ _tag: 'FactoryFailed', path: context.path, factory: 'watch', message: String(error) }),
      ),
  };
  const tell: ExecutableFactory<object> = {
    ...watch,
    name: 'tell',
    description: 'Notes what it is told.',
    execute: (context) => TE.fromIO(() => note(context)),
  };
  const collect: ExecutableFactory<object> = {
    name: 'collect',
    description: 'Writes a file.',
    kind: 'executable',
    modes: ['InTransactionWriter'],
    config: t.type({}),
    execute: (context) => {
      note(context);
      context.log.log('info', 'collected', {});
      if (context.mode !== 'InTransactionWriter') return TE.right(undefined);
      const { path, txnSeq, idempotencyKey } = context;
      return pipe(
        context.fs.write(`/in${txnSeq}`, Buffer.from(idempotencyKey)),
        TE.mapLeft(
          (error) => ({ _tag: 'FactoryFailed', path, factory: 'collect', message: error._tag }) as const,
        ),
        TE.asUnit,
      );
    },
  };
  const first: ExecutableFactory<object> = {
    ...watch,
    name: 'first',
    description: 'A gate that refuses an x in a file, and names the first such file.',
    modes: ['InTransactionWriter'],
    execute:
      ({ fs, path }) =>
      async () => {
        const { entries } = ok(await fs.collectMatches('/in/*')());
        for (const entry of entries) {
          if (!Buffer.from(ok(await fs.readBytes(entry.path)())).includes('x')) continue;
          return TE.left({ _tag: 'FactoryFailed' as const, path, factory: 'first', message: entry.path })();
        }
        return TE.right(undefined)();
      },
  };
  const factories = [watch, tell, collect, first] as readonly Factory[];
  const opening: OpenOptions = { trust: 'all', factories, ...options };
  const program = (change: (ports: StewardPorts) => Partial<StewardPorts> = () => ({})) => {
    const ports = { ...livePorts(logger), clock };
    return assemble({ ...ports, ...change(ports) });
  };
  ok(await program().init(directory, {})());
  const steward: Steward = ok(await program().open(directory, opening)());
  return {
    directory,
    steward,
    ran,
    lines,
    clock,
    setDate,
    advance,
    program,
    opening,
    breakIt: (isBroken: boolean) => {
      broken = isBroken;
    },
    at: (time: string) => setDate(Date.parse(time) * 1000),
    /** What `pond work --once` does. */
    work: async (signal = new AbortController().signal): Promise<WorkDone> =>
      ok(await program().work([directory], opening, { signal })()),
    entry: async (path: string, words: object) =>
      ok(
        await steward.write(({ fs }) =>
          pipe(
            fs.mkdirAll(path.slice(0, path.lastIndexOf('/'))),
            TE.flatMap(() =>
              fs.createDynamicPath(
                path,
                'file:dynamic',
                'factory' in words ? String(words.factory) : '',
                Buffer.from(JSON.stringify(words)),
                { overwrite: true },
              ),
            ),
          ),
        )(),
      ),
    /** The command line, on the same pond. */
    cli: (...argv: readonly string[]) =>
      runMain(argv, { open: () => TE.right({ ...steward, close: () => TE.right(undefined) }) }),
    firings: async (): Promise<readonly FiringStatus[]> => ok(await steward.firings({})()),
  };
};

/** States of firings by name, oldest first, without what is the same in all of them. */
export const statesOf = (firings: readonly FiringStatus[]): readonly string[] =>
  firings
    .toReversed()
    .map(({ name, tasks }) =>
      [name.replace('/etc/schedule.d/', ''), ...tasks.map(({ state }) => state)].join(' '),
    );
