import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import {
  addFlakyTask,
  addRetriedTask,
  addTasks,
  addTasksSideBySide,
  bytes,
  ENDS_SIDE_BY_SIDE,
  hostFile,
  plainPond,
  prepare,
  TASK_ENDS,
} from './base-ponds.js';

/** The commands of a pond's own that are killed, each on a pond of its own in `folder`. */
export interface CommitScenarios {
  /** A commit of a small file and a blob, with three tasks, of which one fails. */
  readonly withTasks: Scenario;
  /** One whose tasks run side by side, so that their records share transactions. */
  readonly sideBySide: Scenario;
  readonly withoutTasks: Scenario;
  /** One that merges files and makes a checkpoint. */
  readonly tenth: Scenario;
  /** One with a task that fails once and is tried again by its policy. */
  readonly retriedByPolicy: Scenario;
  /** `control retry` of the tasks of a commit, of which one now succeeds. */
  readonly retry: Scenario;
}

export const commitScenarios = async (ponds: BuiltPonds, folder: string): Promise<CommitScenarios> => {
  const host = join(folder, 'host');
  const old = await hostFile(host, 'old.bin', bytes(300, 1));
  const oldBlob = await hostFile(host, 'old-blob.bin', bytes(70_000, 2));
  const small = await hostFile(host, 'small.bin', bytes(1_000, 3));
  const blob = await hostFile(host, 'blob.bin', bytes(66_000, 4));

  const makeBase = async (name: string) => {
    const base = join(folder, `base-${name}`);
    const pond = await plainPond(base);
    await prepare(pond, ['copy', old.url, oldBlob.url, '/old/']);
    return { base, pond, scratch: join(folder, name) };
  };
  const args = ['copy', small.url, blob.url, '/in/'];
  const files = { '/old/old.bin': old.content, '/old/old-blob.bin': oldBlob.content };
  const writes = { '/in/small.bin': small.content, '/in/blob.bin': blob.content };
  const common = { ponds, args, codes: [0] };

  const bare = await makeBase('bare');
  const crowded = await makeBase('crowded');
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
    await prepare(crowded.pond, ['copy', old.url, `/crowd/${name}`]);
  }
  const tasked = await makeBase('tasked');
  await addTasks(tasked.pond);
  const beside = await makeBase('beside');
  await addTasksSideBySide(beside.pond);
  const retried = await makeBase('retried');
  await addRetriedTask(retried.pond);
  const failed = await makeBase('failed');
  await addTasks(failed.pond);
  await addFlakyTask(failed.pond);
  await prepare(failed.pond, args, 3);
  await writeFile(join(failed.base, 'go'), '');

  return {
    withTasks: {
      ...common,
      ...tasked,
      codes: [3],
      expected: { files, writes, txnSeq: 6, tasks: TASK_ENDS },
    },
    sideBySide: {
      ...common,
      ...beside,
      codes: [3],
      expected: { files, writes, txnSeq: 8, tasks: ENDS_SIDE_BY_SIDE },
    },
    withoutTasks: { ...common, ...bare, expected: { files, writes, txnSeq: 3, tasks: {} } },
    tenth: {
      ...common,
      ...crowded,
      expected: { files: { ...files, '/crowd/g': old.content }, writes, txnSeq: 10, tasks: {} },
    },
    retriedByPolicy: {
      ...common,
      ...retried,
      expected: { files, writes, txnSeq: 4, tasks: { '/etc/system.d/50-again': ['completed'] } },
    },
    retry: {
      ...common,
      ...failed,
      args: ['control', 'retry', '7'],
      codes: [3],
      expected: {
        files,
        writes,
        txnSeq: 7,
        // It had failed before; whether it runs again depends on how far the retry came.
        tasks: { ...TASK_ENDS, '/etc/system.d/40-flaky': ['failed', 'completed'] },
      },
    },
  };
};
