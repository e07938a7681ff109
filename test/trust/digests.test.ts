import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRight } from 'fp-ts/lib/Either.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import type { DiscoveredEntry } from '../../src/planner/entries/discovered-entry.js';
import {
  configurationDigest,
  isCodeBearingConfiguration,
  mightRun,
  type PondConfiguration,
} from '../../src/trust/configuration.js';
import { pondFiles } from '../../src/trust/files-digest.js';
import { nodeDigest } from '../../src/trust/node-digest.js';
import { isOfOthers } from '../../src/trust/ownership.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const entry = (name: string, text: string, more: Partial<DiscoveredEntry> = {}): DiscoveredEntry => ({
  path: `/etc/system.d/${name}` as DiscoveredEntry['path'],
  entryType: 'file:dynamic',
  nodeId: 'n',
  nodeFactory: 'command',
  content: { _tag: 'Bytes', bytes: Buffer.from(text) },
  ...more,
});
const configuration = (...entries: readonly DiscoveredEntry[]): PondConfiguration => ({
  entries,
  settings: null,
  modules: [],
  remotes: [],
});

describe('the digest of a configuration', () => {
  const a = entry('10-a', 'run: [ls]');
  const b = entry('20-b', 'run: [ls]');
  const digest = configurationDigest(configuration(a, b));

  it('is the same whatever the order of what was found, and whatever the ids of its nodes', () => {
    expect(configurationDigest(configuration(b, { ...a, nodeId: 'other' }))).toBe(digest);
  });

  it.each([
    ['an entry more', configuration(a, b, entry('30-c', 'run: [ls]'))],
    ['an entry less', configuration(a)],
    ['another name', configuration(entry('11-a', 'run: [ls]'), b)],
    ['another content', configuration(entry('10-a', 'run: [lx]'), b)],
    ['another factory', configuration(entry('10-a', 'run: [ls]', { nodeFactory: 'theirs' }), b)],
    ['another type', configuration(entry('10-a', 'run: [ls]', { entryType: 'file' }), b)],
    [
      'an entry that cannot be read',
      configuration({ ...a, content: { _tag: 'Unreadable', problem: '' } }, b),
    ],
    ['contents that are exchanged', configuration(entry('10-a', 'run: [x]'), entry('20-b', 'run: [ls]'))],
    ['settings', { ...configuration(a, b), settings: Buffer.from('factories: []') }],
  ])('is another one with %s', (_, other) => {
    expect(configurationDigest(other)).not.toBe(digest);
  });

  it('is asked for only where something could run: an entry, also one that is switched off, or a module', () => {
    expect(isCodeBearingConfiguration(configuration())).toBe(false);
    expect(
      isCodeBearingConfiguration(configuration(entry('a', 'x', { nodeFactory: null, entryType: 'file' }))),
    ).toBe(false);
    expect(isCodeBearingConfiguration({ ...configuration(), modules: ['./m.mjs'] })).toBe(true);
    const off = configuration(entry('a', 'factory: command\nenabled: false\nconfig: {}'));
    expect([isCodeBearingConfiguration(off), mightRun(off)]).toEqual([true, false]);
  });

  it('of a node depends on its factory and its configuration', () => {
    const one = nodeDigest({ factory: 'a', config: Buffer.from('bc') });
    expect(nodeDigest({ factory: 'ab', config: Buffer.from('c') })).not.toBe(one);
    expect(nodeDigest({ factory: 'a', config: Buffer.from('bd') })).not.toBe(one);
  });
});

describe('the digest of the files beside data and control', () => {
  let pond: string;
  const digest = (): string | null => {
    const files = pondFiles(nodeFileSystem, pond);
    if (!isRight(files)) throw new Error(files.left);
    return files.right.digest;
  };
  beforeEach(() => {
    pond = temporaryFolder('files');
    for (const name of ['data', 'control', 'lib/deep']) mkdirSync(join(pond, name), { recursive: true });
    writeFileSync(join(pond, 'lib/deep/a.mjs'), 'one');
  });

  it('is none without any, and is untouched by what is in data and control', () => {
    const before = digest();
    writeFileSync(join(pond, 'data/x'), 'x');
    writeFileSync(join(pond, 'control/x'), 'x');
    expect(digest()).toBe(before);
    rmSync(join(pond, 'lib'), { recursive: true });
    expect(digest()).toBe(null);
  });

  it.each([
    ['a content', () => writeFileSync(join(pond, 'lib/deep/a.mjs'), 'two')],
    ['a file more', () => writeFileSync(join(pond, '.hidden'), '')],
    [
      'a data or control further below',
      () => mkdirSync(join(pond, 'lib/data')) ?? writeFileSync(join(pond, 'lib/data/x'), ''),
    ],
    ['a link', () => symlinkSync('/etc/hostname', join(pond, 'link'))],
    [
      'a link in the place of a file',
      () => {
        rmSync(join(pond, 'lib/deep/a.mjs'));
        symlinkSync('one', join(pond, 'lib/deep/a.mjs'));
      },
    ],
  ])('changes with %s', (_, change) => {
    const before = digest();
    change();
    expect(digest()).not.toBe(before);
  });

  it('changes with where a link leads, and not with what is there', () => {
    const outside = temporaryFolder('outside');
    writeFileSync(join(outside, 'x'), '1');
    symlinkSync(join(outside, 'x'), join(pond, 'link'));
    const before = digest();
    writeFileSync(join(outside, 'x'), '2');
    expect(digest()).toBe(before);
    rmSync(join(pond, 'link'));
    symlinkSync(join(outside, 'y'), join(pond, 'link'));
    expect(digest()).not.toBe(before);
  });

  it('is refused of more than 1,000 files and of more than 64 MiB, in words', () => {
    for (let count = 0; count < 1_000; count += 1) writeFileSync(join(pond, `f${count}`), '');
    expect(pondFiles(nodeFileSystem, pond)).toEqual({
      _tag: 'Left',
      left: 'there are more than 1000 files in it',
    });
    for (let count = 0; count < 1_000; count += 1) rmSync(join(pond, `f${count}`));
    writeFileSync(join(pond, 'large'), Buffer.alloc(64 * 1024 * 1024));
    expect(pondFiles(nodeFileSystem, pond)).toEqual({
      _tag: 'Left',
      left: 'its files have more than 64 MiB',
    });
  });

  it('is refused where a directory cannot be looked into, naming it', () => {
    const files = pondFiles(
      {
        ...nodeFileSystem,
        readDirectory: (path) =>
          path.endsWith('/deep')
            ? () => ({
                _tag: 'Left',
                left: { _tag: 'FileSystemError', path, call: 'scandir', code: 'EACCES' },
              })
            : nodeFileSystem.readDirectory(path),
      } as typeof nodeFileSystem,
      pond,
    );
    chmodSync(pond, 0o755);
    expect(files).toMatchObject({ left: expect.stringContaining('lib/deep: scandir failed: EACCES') });
  });
});

describe('a place is of others', () => {
  const me = { id: 7, group: 8 };
  it.each([
    [{ owner: 7, group: 8, mode: 0o755 }, false],
    [{ owner: 7, group: 8, mode: 0o775 }, false],
    [{ owner: 7, group: 9, mode: 0o755 }, false],
    // Shared with a group, be it one's own.
    [{ owner: 7, group: 8, mode: 0o2770 }, true],
    [{ owner: 7, group: 8, mode: 0o2755 }, false],
    [{ owner: 7, group: 9, mode: 0o775 }, true],
    [{ owner: 7, group: 8, mode: 0o757 }, true],
    [{ owner: 7, group: 8, mode: 0o1777 }, true],
    [{ owner: 0, group: 8, mode: 0o700 }, true],
    [{ owner: 9, group: 8, mode: 0o700 }, true],
  ])('%o: %s', (stat, expected) => {
    expect(isOfOthers(stat, me)).toBe(expected);
  });
});
