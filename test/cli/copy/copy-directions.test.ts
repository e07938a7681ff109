import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { CopyOut } from '../../../src/cli/copy/direction.js';
import { hostTargets } from '../../../src/cli/copy/host-targets.js';
import { parseLocation } from '../../../src/cli/copy/location.js';
import type { OutgoingFile } from '../../../src/cli/copy/outgoing-files.js';
import { type PondPath, parsePondPath } from '../../../src/domain/paths/pond-path.js';
import { runMain } from '../fakes.js';

const pathOf = (text: string): PondPath => {
  const path = parsePondPath(text);
  if (E.isLeft(path)) throw new Error(text);
  return path.right;
};

describe('a location', () => {
  it.each([
    ['host:///tmp/a.csv', { _tag: 'Host', path: '/tmp/a.csv', trailingSlash: false, entryType: 'file' }],
    ['host://a.csv', { _tag: 'Host', path: '/here/a.csv', trailingSlash: false, entryType: 'file' }],
    ['host+table:///t', { _tag: 'Host', path: '/t', trailingSlash: false, entryType: 'table' }],
    ['host+series://../s/', { _tag: 'Host', path: '/s', trailingSlash: true, entryType: 'series' }],
    ['/in/', { _tag: 'Pond', path: '/in/', trailingSlash: true }],
    ['-', { _tag: 'StandardInput' }],
  ])('%s', (text, location) => {
    expect(parseLocation(text, '/here')).toEqual(E.right(location));
  });

  it.each(['host://', 'https://example.org/a', 's3://bucket/a'])('is not %s', (text) => {
    expect(E.isLeft(parseLocation(text, '/here'))).toBe(true);
  });
});

describe('copy', () => {
  it.each([
    [['/a', '/b'], /both sides are in the pond/],
    [['host:///a', 'host:///b'], /neither side is in the pond/],
    [['host:///a', '/b', '/c'], /both sides are in the pond/],
    [['/a', '-'], /cannot be a destination/],
    [['-', '/in/'], /standard input has no name/],
    [['-', 'host:///a', '/in'], /standard input has no name/],
    [['/a', 'host+table:///b'], /a destination on the host is written host/],
    [['/a'], /a source and a destination are needed/],
    [['host:///a', '/b', '--strip-prefix', '/x'], /--strip-prefix is for copying out/],
    [['host:///a', '/b', '--at', '3'], /nothing can be written to the past/],
    [['/a', 'host:///b', '-r'], /--recursive is for copying in; out, use a pattern/],
    [['host:///a', 'b'], /is neither a path in the pond.*host:\/\/b is on the host, \/b in the pond/s],
  ])('refuses %j without opening the pond', async (argv, message) => {
    const { code, stderr } = await runMain(['copy', ...argv]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('targets on the host', () => {
  const file = (path: string, isExact: boolean): OutgoingFile => ({
    path: pathOf(path),
    isExact,
    entry: {
      path: pathOf(path),
      name: '',
      entryType: 'file',
      nodeId: null,
      version: 1,
      txnSeq: 1,
      timestamp: 0,
      size: 0,
      sha256: null,
      factory: null,
      linkTarget: null,
    },
  });
  const copy = (parts: Partial<CopyOut> = {}): CopyOut => ({
    _tag: 'Out',
    sources: ['/in/a.csv'],
    target: '/out/x',
    intoDirectory: false,
    stripPrefix: null,
    format: null,
    ...parts,
  });
  const placesOf = (files: readonly OutgoingFile[], of: CopyOut, targetIsDirectory = false) => {
    const targets = hostTargets(files, of, targetIsDirectory);
    return E.isLeft(targets)
      ? targets.left.message
      : targets.right.map(({ root, names }) => [root, ...names].join('/'));
  };
  const exact = file('/in/a.csv', true);

  it('of one named file are the target itself, or in it where it is a directory', () => {
    expect(placesOf([exact], copy())).toEqual(['/out/x']);
    expect(placesOf([exact], copy(), true)).toEqual(['/out/x/a.csv']);
    expect(placesOf([exact], copy({ intoDirectory: true }))).toEqual(['/out/x/a.csv']);
  });

  it('of several named files are in the target', () => {
    const sources = ['/in/a.csv', '/in/b.csv'];
    expect(placesOf([exact, file('/in/b.csv', true)], copy({ sources }))).toEqual([
      '/out/x/a.csv',
      '/out/x/b.csv',
    ]);
  });

  it('of matched files keep the whole path, without the prefix that is stripped', () => {
    const matched = [file('/in/s/a.csv', false), file('/in/b.csv', false)];
    expect(placesOf(matched, copy())).toEqual(['/out/x/in/s/a.csv', '/out/x/in/b.csv']);
    expect(placesOf(matched, copy({ stripPrefix: pathOf('/in') }))).toEqual([
      '/out/x/s/a.csv',
      '/out/x/b.csv',
    ]);
  });

  it('refuse a prefix that is none', () => {
    expect(placesOf([file('/in/b.csv', false)], copy({ stripPrefix: pathOf('/on') }))).toMatch(
      /--strip-prefix \/on/,
    );
    expect(placesOf([exact], copy({ stripPrefix: pathOf('/in/a.csv') }))).toMatch(
      /leaves nothing of \/in\/a.csv/,
    );
  });

  it('refuse two files in one place, but take one file that was meant twice once', () => {
    const sources = ['/in/a.csv', '/on/a.csv'];
    expect(placesOf([exact, file('/on/a.csv', true)], copy({ sources }))).toMatch(
      /\/in\/a.csv and \/on\/a.csv would both be written to \/out\/x\/a.csv/,
    );
    expect(placesOf([exact, exact], copy({ intoDirectory: true }))).toEqual(['/out/x/a.csv']);
  });
});
