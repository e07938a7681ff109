import { expect } from 'vitest';
import { compareUtf8 } from '../../src/domain/text/bytes-order.js';
import type { Change } from '../../src/domain/tree/change.js';
import type { PondReader } from '../../src/tinyfs/tinyfs.js';
import { changesOf } from '../../src/tinyfs/tree/changes.js';
import { ok, textIn } from '../../test/tinyfs/expectations.js';
import type { MakePersistence } from '../../test/tinyfs/persistence-harness.js';
import { makeTestPond, type TestPond } from '../../test/tinyfs/test-pond.js';
import { located, runOnModel, runOnTinyFs, type Transaction } from './commands.js';
import { PlainMap } from './plain-map.js';

export const withPond = async (
  makePersistence: MakePersistence,
  body: (pond: TestPond) => Promise<void>,
): Promise<void> => {
  const pond = await makeTestPond(makePersistence);
  try {
    await body(pond);
  } finally {
    await pond.harness.dispose();
  }
};

export interface Committed {
  readonly before: PlainMap;
  readonly after: PlainMap;
  /** Changes as the transaction itself saw them. */
  readonly changes: readonly Change[];
}

/** Plays a history on TinyFS and on the model, which must agree on every call and on what it leaves. */
export const play = async (
  pond: TestPond,
  history: readonly Transaction[],
): Promise<readonly Committed[]> => {
  const committed: Committed[] = [];
  let model = PlainMap.empty();
  for (const { commands, end } of history) {
    const { fs, writer, txn, commit, abort } = await pond.begin();
    const draft = model.copy();
    for (const placed of commands) {
      const command = located(placed, draft);
      const done = await runOnTinyFs(fs, command);
      expect({ ...command, done }).toEqual({ ...command, done: runOnModel(draft, command) });
    }
    expect(await stateOf(fs)).toEqual(stateOfModel(draft));
    if (end === 'abort') {
      await abort();
      continue;
    }
    const changes = await ok(changesOf(writer, txn.txnSeq));
    await commit();
    committed.push({ before: model, after: draft, changes });
    model = draft;
  }
  return committed;
};

export type State = readonly (readonly [path: string, entryType: string, text: string])[];

export const stateOfModel = (model: PlainMap): State =>
  model.entries().map(([path, { entryType, text }]) => [path, entryType, text]);

type Readable = Pick<PondReader, 'list' | 'read' | 'readLink'>;

export const stateOf = async (fs: Readable): Promise<State> => {
  const state: [string, string, string][] = [];
  const open = ['/'];
  for (const directory of open)
    for (const { path, entryType } of await ok(fs.list(directory))) {
      if (entryType === 'directory') open.push(path);
      state.push([path, entryType, await textAt(fs, path, entryType)]);
    }
  return state.sort(([a], [b]) => compareUtf8(a, b));
};

const textAt = async (fs: Readable, path: string, entryType: string): Promise<string> => {
  switch (entryType) {
    case 'directory':
      return '';
    case 'symlink':
      return ok(fs.readLink(path));
    default:
      return textIn(await ok(fs.read(path)));
  }
};
