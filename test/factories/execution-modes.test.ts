// What a mode is said to mean, and what an execution in it can do.

import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { expect, test } from 'vitest';
import { exactType } from '../../src/domain/documents/exact-type.js';
import { EXECUTION_MODES, type ExecutionMode } from '../../src/domain/plans/execution-mode.js';
import type { ExecutableFactory, FactoryContext } from '../../src/factories/factory.js';
import { createMemoryPond } from '../../src/memory-pond.js';

const MODES = Object.keys(EXECUTION_MODES) as readonly ExecutionMode[];

interface Seen {
  readonly mode: ExecutionMode;
  readonly isWriter: boolean;
  readonly isPostCommit: boolean;
  /** Whether its filesystem has a way to write. */
  readonly canWrite: boolean;
}

/** A factory that says in which way it was executed, and fails if it is told to. */
const witness = (
  modes: readonly ExecutionMode[],
  seen: Seen[],
): ExecutableFactory<{ readonly fail?: boolean }> => ({
  name: `witness-${modes.length}`,
  description: 'Says in which way it is executed.',
  kind: 'executable',
  modes,
  config: exactType('witness', {}, { fail: t.boolean }),
  execute: ({ mode, isWriter, isPostCommit, fs, path }: FactoryContext, { fail }) => {
    seen.push({ mode, isWriter, isPostCommit, canWrite: 'write' in fs });
    const written = 'write' in fs ? fs.write('/written', Buffer.from(path)) : TE.right(undefined);
    return TE.flatMap(() =>
      fail === true
        ? TE.left({ _tag: 'FactoryFailed' as const, path, factory: 'witness', message: 'told to' })
        : TE.right(undefined),
    )(
      TE.mapLeft(() => ({ _tag: 'FactoryFailed' as const, path, factory: 'witness', message: 'no write' }))(
        written,
      ),
    );
  },
});

const pondWith = async (factory: ExecutableFactory<never>, config: string) => {
  const { promises } = await createMemoryPond({ factories: [factory as never], trust: 'all' });
  await promises.write(({ fs }) =>
    fs.createDynamicPath('/etc/system.d/10-witness', 'file:dynamic', factory.name, Buffer.from(config)),
  );
  return promises;
};

test.each(MODES)('an execution in the mode %s can do what the mode says, and nothing else', async (mode) => {
  const seen: Seen[] = [];
  const pond = await pondWith(witness(MODES, seen) as never, '{}');
  await pond.run('/etc/system.d/10-witness', { mode });
  const { isWriter, isPostCommit } = EXECUTION_MODES[mode];
  expect(seen[0]).toEqual({ mode, isWriter, isPostCommit, canWrite: isWriter });
  const { lastTxnSeq } = await pond.status();
  expect(lastTxnSeq).toBe(isWriter ? 3 : 2);
});

test.each(MODES)('an error in the mode %s undoes exactly what its words say', async (mode) => {
  const pond = await pondWith(witness(MODES, []) as never, '{ "fail": true }');
  await expect(pond.run('/etc/system.d/10-witness', { mode })).rejects.toThrow('told to');
  expect(await pond.read(({ fs }) => fs.exists('/written'))).toBe(false);
  expect(EXECUTION_MODES[mode].description).toContain(
    EXECUTION_MODES[mode].isWriter ? 'rolls the transaction back' : 'never touches the data',
  );
});

test('a factory supports the modes that it declares, and nobody supports a mode of an unknown factory', async () => {
  const pond = await pondWith(witness(['PostCommitReader'], []) as never, '{}');
  const { supports, facts } = await pond.factories();
  expect(MODES.filter((mode) => supports('witness-1', mode))).toEqual(['PostCommitReader']);
  expect(facts('witness-1')).toMatchObject({ kind: 'executable', modes: ['PostCommitReader'] });
  expect(MODES.filter((mode) => supports('unknown', mode))).toEqual([]);
  expect(facts('unknown')).toBeNull();
});

test('a factory that makes content supports no mode, and those that come with the product those that they declare', async () => {
  const pond = await pondWith(witness(['PostCommitReader'], []) as never, '{}');
  const factories = await pond.factories();
  for (const { name, kind, modes } of factories.list()) {
    const supported = MODES.filter((mode) => factories.supports(name, mode));
    expect([name, supported.toSorted()]).toEqual([name, [...modes].toSorted()]);
    // A watched folder is looked at by who serves; its entry is never run.
    expect([name, supported.length > 0]).toEqual([name, kind === 'executable' && name !== 'watch']);
  }
});

test('a mode that a factory does not declare is refused by name before anything runs', async () => {
  const seen: Seen[] = [];
  const pond = await pondWith(witness(['PostCommitReader'], seen) as never, '{}');
  const refused = pond.run('/etc/system.d/10-witness', { mode: 'InTransactionWriter' });
  await expect(refused).rejects.toThrow(/InTransactionWriter/);
  expect(seen).toEqual([]);
});
