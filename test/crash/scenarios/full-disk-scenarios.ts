import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf } from '../../fsck/sample-pond.js';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import { namesIn } from '../machinery/delta-log.js';
import { pondIn } from '../machinery/invariants.js';
import { addTasks, bytes, hostFile, plainPond, prepare, TASK_ENDS } from './base-ponds.js';
import { leftoversOf } from './host-scenarios.js';

/** Commands that need more room than those of the crash matrix. */
export interface ScarceScenarios {
  readonly small: Scenario;
  /** Contents in rows, more than the control table takes for a commit. */
  readonly inline: Scenario;
  readonly blob: Scenario;
  readonly muchMirror: Scenario;
  readonly muchVersions: Scenario;
}

export const scarceScenarios = async (ponds: BuiltPonds, folder: string): Promise<ScarceScenarios> => ({
  small: await commitOfSizes(ponds, folder, 'small', [1_000]),
  inline: await commitOfSizes(ponds, folder, 'inline', [60_000, 60_000, 60_000, 60_000, 60_000]),
  blob: await commitOfSizes(ponds, folder, 'blob', [600_000]),
  muchMirror: await exportOfMuch(ponds, folder, 'mirror'),
  muchVersions: await exportOfMuch(ponds, folder, 'versions'),
});

/** A commit of files of these sizes, with tasks. */
const commitOfSizes = async (
  ponds: BuiltPonds,
  folder: string,
  name: string,
  sizes: readonly number[],
): Promise<Scenario> => {
  const base = join(folder, `base-${name}`);
  const pond = await plainPond(base);
  const old = await hostFile(join(folder, 'host'), 'old.bin', bytes(300, 1));
  const files = await filesOfSizes(folder, name, sizes);
  await prepare(pond, ['copy', old.url, '/old.bin']);
  await addTasks(pond);
  return {
    ponds,
    base,
    scratch: join(folder, name),
    args: ['copy', ...files.map(({ url }) => url), '/in/'],
    codes: [3],
    expected: {
      files: { '/old.bin': old.content },
      writes: Object.fromEntries(files.map(({ content }, index) => [`/in/${name}-${index}`, content])),
      txnSeq: 6,
      tasks: TASK_ENDS,
    },
  };
};

/** Files that nothing can compress. */
const filesOfSizes = (folder: string, name: string, sizes: readonly number[]) =>
  Promise.all(
    sizes.map((size, index) =>
      hostFile(join(folder, 'host'), `${name}-${index}`, bytesOf(size, `${name}-${index}`)),
    ),
  );

const TARGET = 'site';

/** A small commit, after which `host-export` publishes for the first time what is large. */
const exportOfMuch = async (
  ponds: BuiltPonds,
  folder: string,
  layout: 'mirror' | 'versions',
): Promise<Scenario> => {
  const base = join(folder, `base-much-${layout}`);
  const pond = await plainPond(base);
  const files = await filesOfSizes(folder, 'published', [20_000, 100_000, 200_000, 300_000, 400_000]);
  const small = await hostFile(join(folder, 'host'), 'small.bin', bytes(1_000, 3));
  await prepare(pond, ['copy', ...files.map(({ url }) => url), '/in/']);
  return {
    ponds,
    base,
    scratch: join(folder, `much-${layout}`),
    furnish: async (copy) => {
      const path = '/etc/system.d/10-publish';
      const pondThere = pondIn(copy);
      if (namesIn(copy).includes('furnished')) return {};
      await hostFile(copy, 'furnished', Buffer.from(''));
      const config = { source: '/in/*', strip_prefix: '/in', target: join(copy, TARGET), layout };
      await prepare(pondThere, ['mknod', 'host-export', path, '--config', JSON.stringify(config)]);
      return {};
    },
    args: ['copy', small.url, '/in/'],
    codes: [0],
    expected: {
      files: Object.fromEntries(files.map(({ content }, index) => [`/in/published-${index}`, content])),
      writes: { '/in/small.bin': small.content },
      txnSeq: 4,
      tasks: { '/etc/system.d/10-publish': ['completed'] },
    },
    andThen: async (copy) => {
      const site = join(copy, layout === 'mirror' ? TARGET : `${TARGET}/current`);
      const wrong = files.filter(
        ({ content }, index) => !readFileSync(join(site, `published-${index}`)).equals(content),
      );
      return [
        ...wrong.map(({ content }) => `${content.length} is not published as it is`),
        ...leftoversOf(copy, TARGET).map((name) => `left over: ${name}`),
      ];
    },
  };
};
