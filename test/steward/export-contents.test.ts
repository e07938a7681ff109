import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { left } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { memoryUserState } from '../../src/adapters/memory/memory-user-state.js';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { nodeHost } from '../../src/adapters/node/node-host.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { sqliteLocks } from '../../src/adapters/sqlite/sqlite-locks.js';
import { runnerLocks } from '../../src/control/runners/runner-locks.js';
import {
  abandonedContents,
  clearAbandonedContents,
  exportContents,
} from '../../src/steward/pond/export-contents.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A place with a file of a runner that lives, and one of a runner that does not. */
const setUp = async () => {
  const controlDir = temporaryFolder('export-contents');
  const { logger, lines } = memoryLogger();
  const ports = {
    files: nodeFileSystem,
    hostFiles: nodeFileSystem,
    host: nodeHost(),
    userState: memoryUserState(),
    locks: sqliteLocks,
    ids: uuidIds,
    logger,
  };
  const runners = runnerLocks(sqliteLocks, controlDir);
  const fileOf = async (runnerId: string) => {
    const path = await exportContents(ports, controlDir, { ensure: () => TE.right(runnerId) }).newPath()();
    if (path._tag === 'Left') throw new Error(path.left);
    writeFileSync(path.right, 'content');
    return path.right;
  };
  const [live, dead] = [uuidIds.uuidV7(), uuidIds.uuidV7()];
  runners.acquire(live);
  const found = { live: await fileOf(live), dead: await fileOf(dead) };
  return { controlDir, ports, runners, live, found, lines };
};

const right = (value: unknown) => ({ _tag: 'Right', right: value });

test('a file is abandoned when its runner has ended, and not before; what else lies there never is', async () => {
  const { controlDir, ports, runners, live, found } = await setUp();
  writeFileSync(join(controlDir, 'host-exports/notes.txt'), 'of somebody else');
  mkdirSync(join(controlDir, `host-exports/.pond-host-plan-${uuidIds.uuidV7()}`));
  expect(abandonedContents(ports, controlDir)).toEqual(right([{ path: found.dead, why: null }]));
  runners.release(live);
  const both = abandonedContents(ports, controlDir);
  expect(both._tag === 'Right' && both.right.map(({ path }) => path).toSorted()).toEqual(
    [found.live, found.dead].toSorted(),
  );
});

test('removing takes the abandoned ones and counts them; a dry run only counts', async () => {
  const { controlDir, ports, found } = await setUp();
  expect(clearAbandonedContents(ports, controlDir, { dryRun: true })()).toBe(1);
  expect(abandonedContents(ports, controlDir)).toEqual(right([{ path: found.dead, why: null }]));
  expect(clearAbandonedContents(ports, controlDir, { dryRun: false })()).toBe(1);
  expect(abandonedContents(ports, controlDir)).toEqual(right([]));
  expect(nodeFileSystem.stat(found.live)()).toMatchObject({ _tag: 'Right' });
});

test('what cannot be removed is said, and does not count', async () => {
  const { controlDir, ports, found, lines } = await setUp();
  const path = found.dead;
  rmSync(path);
  mkdirSync(path);
  expect(clearAbandonedContents(ports, controlDir, { dryRun: false })()).toBe(0);
  expect(lines.map(({ event, fields }) => [event, fields.path])).toEqual([
    ['export_contents_not_removed', path],
  ]);
});

test('a pond without exports has none', async () => {
  const { controlDir: other, ports } = await setUp();
  const controlDir = join(other, 'without');
  expect(abandonedContents(ports, controlDir)).toEqual(right([]));
  expect(clearAbandonedContents(ports, controlDir, { dryRun: false })()).toBe(0);
});

const DEVICE = 2;
const BOOT = 3;
const CODE = 4;

/** Renames a content as somebody else may have named it. */
const renamed = (path: string, change: (parts: string[]) => readonly string[]): string => {
  const at = path.lastIndexOf('/') + 1;
  const changed = `${path.slice(0, at)}${change(path.slice(at).split('.')).join('.')}`;
  renameSync(path, changed);
  return changed;
};

test('a content that was forged, changed, carried over or made without a code is not removed unless it is adopted', async () => {
  for (const [change, why] of [
    [(parts: string[]) => parts.slice(0, 2), 'unsigned'],
    [(parts: string[]) => parts.with(1, uuidIds.uuidV7()), 'another-author'],
    [(parts: string[]) => parts.with(0, uuidIds.uuidV7()), 'another-author'],
    [(parts: string[]) => parts.with(CODE, 'f'.repeat(64)), 'another-author'],
    [(parts: string[]) => parts.with(BOOT, 'f'.repeat(16)), 'another-author'],
    [(parts: string[]) => parts.with(DEVICE, '1'), 'another-place'],
  ] as const) {
    const { controlDir, ports, found } = await setUp();
    const path = renamed(found.dead, change);
    expect(abandonedContents(ports, controlDir)).toEqual(right([{ path, why }]));
    expect(clearAbandonedContents(ports, controlDir, { dryRun: false })()).toBe(0);
    expect(existsSync(path)).toBe(true);
    expect(clearAbandonedContents(ports, controlDir, { dryRun: false, adopt: true })()).toBe(1);
    expect(existsSync(path)).toBe(false);
  }
});

test('another user, and the copy of a pond, leave contents alone; without a key only those that carry no code are told by the lock', async () => {
  const { controlDir, ports, found } = await setUp();
  const asOther = { ...ports, userState: memoryUserState('other') };
  expect(abandonedContents(asOther, controlDir)).toEqual(
    right([{ path: found.dead, why: 'another-author' }]),
  );
  const pond = join(temporaryFolder('export-contents'), 'copy');
  const copy = join(pond, 'control');
  cpSync(join(controlDir, 'host-exports'), join(copy, 'host-exports'), { recursive: true });
  expect(abandonedContents(ports, copy)).toMatchObject(
    right([{ why: 'another-author' }, { why: 'another-author' }]),
  );
  const nothing = () => left({ _tag: 'NoUserState', path: null, problem: 'there is no place' } as const);
  const keyless = { ...ports, userState: { ...ports.userState, hmac: () => nothing, machine: nothing } };
  expect(abandonedContents(keyless, controlDir)).toEqual(right([{ path: found.dead, why: 'no-key' }]));
  const path = renamed(found.dead, (parts) => parts.slice(0, 2));
  expect(abandonedContents(keyless, controlDir)).toEqual(right([{ path, why: null }]));
});
