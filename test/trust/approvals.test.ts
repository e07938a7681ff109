import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { nodeUserState } from '../../src/adapters/node/node-user-state.js';
import type { UserState } from '../../src/ports/user-state.js';
import { approve, isApproved, listApprovals, revokeApprovals } from '../../src/trust/approvals.js';
import { isTrustedPlace, trustedPlaces } from '../../src/trust/trusted-places.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const digest = (letter: string): string => letter.repeat(64);
const approval = (letter: string, approvedAt: number, directory = '/srv/p') => ({
  digest: digest(letter),
  of: 'configuration' as const,
  approved_at: approvedAt,
  by: 'pond init',
  directory,
});

describe('approvals', () => {
  let folder: string;
  let state: UserState;
  beforeEach(() => {
    folder = join(temporaryFolder('approvals'), 'state');
    state = nodeUserState({
      variables: { POND_STATE_DIR: folder },
      user: { id: process.getuid?.() ?? 0, group: process.getgid?.() ?? 0 },
    });
  });
  const listed = () => {
    const all = listApprovals(state);
    return all._tag === 'Right' ? all.right.map((one) => [one.digest[0], one.approved_at]) : all.left;
  };

  it('are kept with when, by what and where they were given, and a second one changes nothing', () => {
    approve(state, approval('a', 1));
    approve(state, approval('b', 2));
    approve(state, approval('a', 3));
    expect(listed()).toEqual([
      ['b', 2],
      ['a', 1],
    ]);
    expect(isApproved(state, digest('a'))).toEqual({ _tag: 'Right', right: true });
    expect(isApproved(state, digest('c'))).toEqual({ _tag: 'Right', right: false });
  });

  it('are taken back by directory, or by twelve digits or more of the digest, and by nothing else', () => {
    approve(state, approval('a', 1));
    approve(state, approval('b', 2));
    approve(state, approval('c', 3, '/srv/q'));
    expect(revokeApprovals(state, 'aaaaaa')).toEqual({ _tag: 'Right', right: [] });
    expect(revokeApprovals(state, '/srv')).toEqual({ _tag: 'Right', right: [] });
    revokeApprovals(state, 'a'.repeat(12));
    expect(listed()).toEqual([
      ['c', 3],
      ['b', 2],
    ]);
    revokeApprovals(state, '/srv/p');
    expect(listed()).toEqual([['c', 3]]);
  });

  it('that cannot be read are shown, and can be taken back', () => {
    approve(state, approval('a', 1));
    writeFileSync(join(folder, 'approvals', digest('b')), '{');
    expect(listed()).toEqual([
      ['a', 1],
      ['b', 0],
    ]);
    revokeApprovals(state, digest('b'));
    expect(listed()).toEqual([['a', 1]]);
  });
});

describe('POND_TRUST', () => {
  const placesOf = (text: string | undefined) => {
    const places = trustedPlaces(text);
    return places._tag === 'Right' ? places.right : places.left;
  };

  it.each([
    [undefined, []],
    ['', []],
    ['/a:/b', ['/a', '/b']],
    ['/a::/b:', ['/a', '/b']],
    ['*', ['*']],
    ['https://host:7117/p:/a', ['https://host:7117/p', '/a']],
    ['/b:https://host/p:https://other:1:/a', ['/b', 'https://host/p', 'https://other:1', '/a']],
    ['/a:s3://bucket/p:/b', ['/a', 's3://bucket/p', '/b']],
    ['["/a:b", "https://host:1/p"]', ['/a:b', 'https://host:1/p']],
  ])('%s names these places', (text, places) => {
    expect(placesOf(text)).toEqual(places);
  });

  it.each([
    ['["/a"', 'it begins like a JSON list and is not JSON'],
    ['["/a", 1]', 'it is not a JSON list of strings'],
    ['/a:relative', '"relative" is neither an absolute path nor a URL'],
    ['.', '"." is neither an absolute path nor a URL'],
  ])('%s names none, and is said to be wrong', (text, problem) => {
    expect(placesOf(text)).toBe(problem);
  });

  it('means a directory without links in its path, and not one that begins like it', () => {
    const real = (path: string) => path.replace('/link', '/real');
    expect(isTrustedPlace(['/link/'], '/real', real)).toBe(true);
    expect(isTrustedPlace(['/real'], '/link', real)).toBe(true);
    expect(isTrustedPlace(['/real'], '/real/below', real)).toBe(false);
    expect(isTrustedPlace(['/rea'], '/real', real)).toBe(false);
    expect(isTrustedPlace(['*'], '/anything', real)).toBe(true);
  });
});
