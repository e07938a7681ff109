import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFileSystem } from '../../../src/adapters/node/files/node-file-system.js';
import { buildTree, everyOperation } from '../../host/machinery/scenario.js';
import { type BuiltPonds, run } from '../machinery/built-ponds.js';
import { RECOVER, type Scenario } from '../machinery/crash-matrix.js';
import { lastTxnSeq, namesIn, readDeltaLog } from '../machinery/delta-log.js';
import { pondIn } from '../machinery/invariants.js';
import { bytes, hostFile, plainPond, prepare } from './base-ponds.js';

/** Everything below a folder of a run, with contents and targets; paths of the run itself are the same in all. */
const treeIn = (folder: string, name: string): readonly string[] => {
  const root = join(folder, name);
  if (namesIn(folder).every((entry) => entry !== name)) return [];
  const walk = (directory: string): readonly string[] =>
    readdirSync(directory, { withFileTypes: true })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const path = join(directory, entry.name);
        const mode = (lstatSync(path).mode & 0o777).toString(8);
        if (entry.isSymbolicLink()) return [`${path} -> ${readlinkSync(path)}`];
        if (entry.isDirectory()) return [`${path}/ ${mode}`, ...walk(path)];
        return [`${path} ${mode} ${readFileSync(path).toString('base64')}`];
      });
  return walk(root).map((line) => line.replaceAll(folder, ''));
};

/** What a host plan that has ended leaves nothing of. */
export const leftoversOf = (folder: string, name: string): readonly string[] => [
  ...treeIn(folder, name).filter((line) => line.includes('.pond-host-plan')),
  ...namesIn(join(pondIn(folder), 'control/host-plans')).filter((file) => !file.endsWith('.rolled-back')),
  ...namesIn(join(pondIn(folder), 'control/host-exports')),
];

const HOST_RECOVER = { args: ['host', 'recover'], codes: [0] };

/** A pond with a file in it. */
const pondWithFile = async (folder: string, name: string) => {
  const base = join(folder, name);
  const pond = await plainPond(base);
  const old = await hostFile(join(folder, 'host'), 'old.bin', bytes(300, 1));
  await prepare(pond, ['copy', old.url, '/old.bin']);
  return { base, files: { '/old.bin': old.content } };
};

/** `pond host apply` of a plan with an operation of every kind. */
export const hostApply = async (ponds: BuiltPonds, folder: string): Promise<Scenario> => {
  const { base, files } = await pondWithFile(folder, 'base-host-apply');
  const furnish = async (run: string) => {
    const root = join(run, 'tree');
    if (!namesIn(run).includes('tree')) {
      mkdirSync(root);
      buildTree(nodeFileSystem, root);
      await writeFile(join(run, 'plan.json'), JSON.stringify({ operations: everyOperation(root) }));
    }
    return {};
  };
  const rehearsal = join(folder, 'host-apply-rehearsal');
  await mkdir(rehearsal);
  await furnish(rehearsal);
  const before = treeIn(rehearsal, 'tree');
  const applied = await run(ponds.pond, join(rehearsal, 'none'), [...APPLY, join(rehearsal, 'plan.json')], {
    env: { XDG_STATE_HOME: join(rehearsal, 'state') },
  });
  if (applied.code !== 0) throw new Error(applied.stderr);
  const after = treeIn(rehearsal, 'tree');
  return {
    ponds,
    base,
    furnish,
    scratch: join(folder, 'host-apply'),
    args: [...APPLY, '{folder}/plan.json'],
    codes: [0],
    expected: { files, writes: {}, txnSeq: 2, tasks: {} },
    rescue: () => [HOST_RECOVER, RECOVER],
    andThen: async (run) => {
      const now = treeIn(run, 'tree');
      const isOne = [before, after].some((tree) => JSON.stringify(tree) === JSON.stringify(now));
      return [
        ...(isOne ? [] : [`the tree is neither the old nor the new one: ${now.join('\n')}`]),
        ...leftoversOf(run, 'tree').map((name) => `left over: ${name}`),
      ];
    },
  };
};

const APPLY = ['host', 'apply', '--concurrency', '2'];

/** A commit that `host-export` publishes, after one that it has published already. */
export const hostExport = async (
  ponds: BuiltPonds,
  folder: string,
  layout: 'mirror' | 'versions',
): Promise<Scenario> => {
  const { base, files } = await pondWithFile(folder, `base-export-${layout}`);
  const small = await hostFile(join(folder, 'host'), 'small.bin', bytes(1_000, 3));
  const blob = await hostFile(join(folder, 'host'), 'blob.bin', bytes(66_000, 4));
  const first = await hostFile(join(folder, 'host'), 'first', Buffer.from('first'));
  return {
    ponds,
    base,
    scratch: join(folder, `export-${layout}`),
    // What the first publication leaves names its place, which is in the copy.
    furnish: async (copy) => {
      if (namesIn(copy).includes('site')) return {};
      const config = {
        source: '/{old.bin,in/*}',
        target: join(copy, 'site'),
        layout,
        ...(layout === 'versions' ? { keep: 1 } : {}),
      };
      const path = '/etc/system.d/10-publish';
      await prepare(pondIn(copy), ['mknod', 'host-export', path, '--config', JSON.stringify(config)]);
      await prepare(pondIn(copy), ['copy', first.url, '/in/']);
      return {};
    },
    args: ['copy', small.url, blob.url, '/in/'],
    codes: [0],
    expected: {
      files: { ...files, '/in/first': Buffer.from('first') },
      writes: { '/in/small.bin': small.content, '/in/blob.bin': blob.content },
      txnSeq: 5,
      tasks: { '/etc/system.d/10-publish': ['completed'] },
    },
    andThen: async (copy) => {
      const site = layout === 'mirror' ? 'site' : 'site/current';
      const published = (path: string) => readFileSync(join(copy, site, path));
      // The commit that the matrix makes after it all was published last.
      const landed = namesIn(join(copy, site, 'in')).includes('small.bin');
      return [
        ...(published('in/first').toString() === 'first' ? [] : ['what was published is lost']),
        ...(landed && !published('in/blob.bin').equals(blob.content) ? ['a blob is published in part'] : []),
        ...leftoversOf(copy, 'site').map((name) => `left over: ${name}`),
      ];
    },
  };
};

/** The same by `pond run`, of a commit after which nothing was run. */
export const exportByHand = async (ponds: BuiltPonds, folder: string): Promise<Scenario> => {
  const scenario = await hostExport(ponds, folder, 'mirror');
  const { files, writes, txnSeq } = scenario.expected;
  return {
    ...scenario,
    furnish: async (copy) => {
      await scenario.furnish?.(copy);
      if (lastTxnSeq(readDeltaLog(pondIn(copy))) < txnSeq) {
        await prepare(pondIn(copy), [...scenario.args, '--no-post-commit']);
      }
      return {};
    },
    args: ['run', '/etc/system.d/10-publish'],
    expected: { files: { ...files, ...writes }, writes: {}, txnSeq, tasks: {} },
  };
};

/** A commit whose files are measured, after one that was measured already. */
export const metricsFile = async (ponds: BuiltPonds, folder: string): Promise<Scenario> => {
  const { base, files } = await pondWithFile(folder, 'base-metrics');
  const first = await hostFile(join(folder, 'host'), 'first.csv', Buffer.from('a\n1\n'));
  const second = await hostFile(join(folder, 'host'), 'second.csv', Buffer.from('a\n1\n2\n3\n'));
  const measured = (copy: string) => readFileSync(join(copy, 'site/pond.prom'), 'utf8');
  const rowsIn = (text: string) => [...text.matchAll(/^pond_path_rows.*$/gm)].map(([line]) => line);
  const before = 'pond_path_rows{path="/in/first.csv"} 1';
  return {
    ponds,
    base,
    scratch: join(folder, 'metrics'),
    furnish: async (copy) => {
      if (namesIn(copy).includes('site')) return {};
      mkdirSync(join(copy, 'site'));
      const config = { paths: '/in/*', prometheus: join(copy, 'site/pond.prom') };
      const entry = ['metrics', '/etc/system.d/10-measure', '--config', JSON.stringify(config)];
      await prepare(pondIn(copy), ['mknod', ...entry]);
      await prepare(pondIn(copy), ['copy', first.url, '/in/']);
      return {};
    },
    args: ['copy', second.url, '/in/'],
    codes: [0],
    expected: {
      files: { ...files, '/in/first.csv': first.content },
      writes: { '/in/second.csv': second.content },
      txnSeq: 5,
      tasks: { '/etc/system.d/10-measure': ['completed'] },
    },
    andThen: async (copy) => {
      const text = measured(copy);
      const rows = rowsIn(text);
      const landed = rows.includes('pond_path_rows{path="/in/second.csv"} 3');
      return [
        ...(text.endsWith('\n') && rows.includes(before) && (landed || rows.length === 1)
          ? []
          : [`the measures are neither of the old nor of the new commit: ${text}`]),
        ...leftoversOf(copy, 'site').map((name) => `left over: ${name}`),
      ];
    },
  };
};
