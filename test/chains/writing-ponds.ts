import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { Json, JsonObject } from '../../src/domain/documents/json.js';
import type { Factory } from '../../src/factories/factory.js';
import { createMemoryPond, type MemoryPond } from '../../src/memory-pond.js';
import { describeError } from '../../src/steward/describe-error.js';
import type { DerivedCommit, WriteOutcome } from '../../src/steward/shapes/transactions.js';
import type { PondWriter } from '../../src/tinyfs/tinyfs.js';
import { memoryLogger } from '../support/memory-logger.js';

/** What a task does, in order, to whichever of the ponds it names. */
const Act = t.union([
  t.type({ write: t.string, to: t.string }),
  t.type({ add: t.string, to: t.string, entry: t.unknown }),
  t.type({ interrupts: t.literal(true) }),
  t.type({ call: t.keyof({ recover: null, retry: null, run: null }), of: t.string }),
]);

/** Ponds in memory, by name, whose tasks write to them through the library, in this process. */
export interface WritingPonds {
  readonly pond: (name: string) => MemoryPond;
  /** Puts an entry into `/etc/system.d`, or at a path, as a user does; `acts` is what its task does. */
  readonly entry: (
    pond: string,
    name: string,
    acts: readonly JsonObject[],
    envelope?: JsonObject,
  ) => Promise<void>;
  /** Writes a file with content that it never had. */
  readonly write: (pond: string, path: string) => Promise<Committed>;
  /** Commits of all ponds so far. */
  readonly commits: () => Promise<number>;
  /** What tasks were refused, in words. */
  readonly refusals: readonly string[];
  /** Tasks in the order in which they began and ended. */
  readonly journal: readonly string[];
  readonly lines: ReturnType<typeof memoryLogger>['lines'];
  readonly close: () => Promise<void>;
}

export type Committed = WriteOutcome<void> & { readonly _tag: 'Committed' };

/** The text of an entry of the factory `writes`. */
export const entryText = (acts: readonly Json[], envelope: JsonObject = {}): Uint8Array =>
  Buffer.from(JSON.stringify({ factory: 'writes', ...envelope, config: { acts } }));

const put = (fs: PondWriter, path: string, bytes: Uint8Array) =>
  pipe(
    fs.mkdirAll(path.slice(0, path.lastIndexOf('/')) || '/'),
    TE.flatMap(() => fs.write(path, bytes)),
    TE.map(() => undefined),
  );

export const writingPonds = async (names: readonly string[]): Promise<WritingPonds> => {
  const ponds = new Map<string, MemoryPond>();
  const refusals: string[] = [];
  const journal: string[] = [];
  const { logger, lines } = memoryLogger();
  let count = 0;
  const pond = (name: string): MemoryPond => {
    const found = ponds.get(name);
    if (found === undefined) throw new Error(`there is no pond ${name}`);
    return found;
  };
  const content = () => {
    count += 1;
    return Buffer.from(String(count));
  };
  let interrupt = new AbortController();
  const act = async (one: t.TypeOf<typeof Act>, own: string): Promise<void> => {
    if ('interrupts' in one) return interrupt.abort();
    if ('call' in one) {
      const { steward } = pond(one.of);
      const calls = {
        recover: () => steward.recover()(),
        retry: () => steward.retry({ txnSeq: 2 })(),
        run: () => steward.run(own)(),
      };
      const outcome = await calls[one.call]();
      refusals.push(outcome._tag === 'Left' ? describeError(outcome.left) : `${one.call} was done`);
      return;
    }
    const [path, bytes] =
      'write' in one ? [one.write, content()] : [one.add, Buffer.from(JSON.stringify(one.entry))];
    const written = await pond(one.to).steward.write(({ fs }) => put(fs, path, bytes))();
    if (written._tag === 'Left') refusals.push(describeError(written.left));
  };
  const factory: Factory = {
    name: 'writes',
    description: 'writes to ponds',
    kind: 'executable',
    modes: ['PostCommitReader', 'InTransactionWriter'],
    config: t.type({ acts: t.readonlyArray(Act) }),
    execute: (context, config) =>
      TE.fromTask(async () => {
        const { acts } = config as { readonly acts: readonly t.TypeOf<typeof Act>[] };
        const at = `${context.txnSeq} ${context.path.slice(context.path.lastIndexOf('/') + 1)}`;
        journal.push(`${at} begins`);
        for (const one of acts) await act(one, context.path);
        journal.push(`${at} ends`);
      }),
  };
  for (const name of names) {
    ponds.set(name, await createMemoryPond({ factories: [factory], logger, trust: 'all' }));
  }
  const commit = async (name: string, path: string, bytes: Uint8Array): Promise<Committed> => {
    interrupt = new AbortController();
    const { signal } = interrupt;
    const outcome = await pond(name).steward.write(({ fs }) => put(fs, path, bytes), { signal })();
    if (outcome._tag === 'Left') throw new Error(describeError(outcome.left));
    if (outcome.right._tag !== 'Committed') throw new Error('nothing was committed');
    return outcome.right;
  };
  return {
    pond,
    entry: async (name, entry, acts, envelope) => {
      const path = entry.startsWith('/') ? entry : `/etc/system.d/${entry}`;
      await commit(name, path, entryText(acts, envelope));
    },
    write: (name, path) => commit(name, path, content()),
    commits: async () => {
      const statuses = await Promise.all([...ponds.values()].map(({ promises }) => promises.status()));
      return statuses.reduce((sum, { lastTxnSeq }) => sum + lastTxnSeq, 0);
    },
    refusals,
    journal,
    lines,
    close: async () => {
      for (const { promises } of ponds.values()) await promises.close();
    },
  };
};

/** Derived commits in short: `5 by 4.1: 20-publish completed`. */
export const inShort = (derived: readonly DerivedCommit[]): readonly string[] =>
  derived.map(
    ({ txnSeq, causedBy, tasks }) =>
      `${txnSeq} by ${causedBy.at(-1)?.task}: ${tasks.map(({ configPath, state }) => `${configPath.slice('/etc/system.d/'.length)} ${state}`).join(', ')}`,
  );
