import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/domain/documents/sha256.js';
import { namesIn } from '../crash/machinery/delta-log.js';
import { pondIn } from '../crash/machinery/invariants.js';
import { ask } from '../crash/scenarios/asking.js';
import { plainPond, prepare } from '../crash/scenarios/base-ponds.js';
import type { Model } from './workload.js';

const journalling = (condition: string) => ({
  run: [`${condition} && echo "$POND_TASK \${POND_ATTEMPT_ID##*/}" >> "$POND/../journal"`],
  shell: true,
});

/** A pond with tasks of several kinds, and beside it a tree for host plans. Returns its folder. */
export const killsPond = async (folder: string): Promise<string> => {
  const pond = await plainPond(folder);
  const add = (factory: string, name: string, config: object) =>
    prepare(pond, ['mknod', factory, `/etc/system.d/${name}`, '--config', JSON.stringify(config)]);
  await prepare(pond, ['mkdir', ...['/d0', '/d1', '/d2', '/d3', '/nodes']]);
  await add('command', '10-note', journalling('true'));
  await add('command', '20-flaky', {
    factory: 'command',
    retry: { max_attempts: 2, initial_interval: '10ms', jitter: false },
    config: journalling('test -e "$POND/../go"'),
  });
  await add('host-export', '30-mirror', { source: '/d*/*', target: join(folder, 'mirror') });
  await add('host-export', '40-versions', {
    source: '/d0/*',
    target: join(folder, 'versions'),
    layout: 'versions',
    keep: 2,
  });
  mkdirSync(join(folder, 'tree'));
  writeFileSync(join(folder, 'tree/asset'), 'an asset');
  writeFileSync(join(folder, 'tree/note'), 'a note');
  return folder;
};

/** The pond's files are those of the model, by their digests; with `closely` byte for byte. */
export const faultsOfFiles = async (
  pond: string,
  model: Model,
  closely: boolean,
): Promise<readonly string[]> => {
  const { code, out, err } = await ask(pond, 'list', '/d*/*', '--json');
  if (code !== 0) return [`list: exit code ${code}: ${err}`];
  const listed: readonly { readonly path: string; readonly sha256: string }[] = JSON.parse(out.toString());
  const faults: string[] = [];
  const digests = new Map(listed.map(({ path, sha256: digest }) => [path, digest]));
  for (const [path, content] of model) {
    if (digests.get(path) !== sha256(content)) faults.push(`${path} is not what was written`);
    if (!closely) continue;
    const read = await ask(pond, 'cat', path);
    if (!read.out.equals(content)) faults.push(`${path}: other bytes than were written`);
  }
  for (const path of digests.keys()) if (!model.has(path)) faults.push(`${path} should not be there`);
  return faults;
};

/** Every entry below a folder, with its content or its target. */
const entriesBelow = (folder: string): readonly string[] =>
  namesIn(folder).length === 0
    ? []
    : readdirSync(folder, { recursive: true })
        .map(String)
        .sort()
        .map((name) => {
          const path = join(folder, name);
          const stat = lstatSync(path);
          if (stat.isSymbolicLink()) return `${name} -> ${readlinkSync(path)}`;
          return stat.isDirectory() ? `${name}/` : `${name} ${sha256(readFileSync(path))}`;
        });

/** What is below the link `current` is listed where it is. */
export const stateOfTree = (folder: string): readonly string[] =>
  entriesBelow(join(folder, 'tree')).filter((line) => !line.startsWith('current/'));

/** The tree is as it was, or everything that the plan of this round says. */
export const faultsOfTree = (
  folder: string,
  round: number,
  before: readonly string[],
  now: readonly string[],
): readonly string[] => {
  const left = now.filter((line) => line.includes('.pond-host-plan'));
  const open = namesIn(join(pondIn(folder), 'control/host-plans')).filter(
    (name) => !name.endsWith('.rolled-back'),
  );
  const faults = [...left, ...open].map((name) => `left over: ${name}`);
  if (JSON.stringify(before) === JSON.stringify(now)) return faults;
  const wanted = [
    `current -> v${round}`,
    `note ${sha256(Buffer.from(`note ${round}`))}`,
    `v${round}/`,
    `v${round}/asset ${sha256(Buffer.from('an asset'))}`,
    `v${round}/page ${sha256(Buffer.from(`page ${round}`))}`,
  ];
  const isWhole =
    wanted.every((line) => now.includes(line)) &&
    before.every((line) => now.includes(line) || /^(note |current ->)/.test(line));
  return isWhole ? faults : [...faults, `the tree is neither old nor new: ${now.join(', ')}`];
};

/** What is published is whole: all files of the commit that the manifest names, and nothing else. */
export const faultsOfExports = async (
  folder: string,
  history: ReadonlyMap<number, Model>,
): Promise<readonly string[]> => {
  const faults: string[] = [];
  const publishedFrom = (target: string, own: (path: string) => boolean, place: (seq: number) => string) => {
    const manifest = join(folder, target, '.pond-export.json');
    if (!namesIn(join(folder, target)).includes('.pond-export.json')) return;
    const { txn_seq: seq } = JSON.parse(readFileSync(manifest, 'utf8'));
    const model = history.get(seq);
    if (model === undefined) {
      faults.push(`${target}: published from transaction ${seq}, which is not there`);
      return;
    }
    const found = entriesBelow(place(seq)).filter(
      (line) => !line.endsWith('/') && !line.startsWith('.pond-export.json '),
    );
    const wanted = [...model]
      .filter(([path]) => own(path))
      .map(([path, content]) => `${path.slice(1)} ${sha256(content)}`)
      .sort();
    if (JSON.stringify([...found].sort()) !== JSON.stringify(wanted)) {
      faults.push(`${target}: what is published is not transaction ${seq}: ${found.join(', ')}`);
    }
  };
  publishedFrom(
    'mirror',
    () => true,
    () => join(folder, 'mirror'),
  );
  publishedFrom(
    'versions',
    (path) => path.startsWith('/d0/'),
    () => join(folder, 'versions/current'),
  );
  return [
    ...faults,
    ...namesIn(join(pondIn(folder), 'control/host-exports')).map((name) => `left over: ${name}`),
  ];
};
