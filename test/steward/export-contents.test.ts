import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { sqliteLocks } from '../../src/adapters/sqlite/sqlite-locks.js';
import { runnerLocks } from '../../src/control/runner-locks.js';
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
  const ports = { files: nodeFileSystem, locks: sqliteLocks, ids: uuidIds, logger };
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
  expect(abandonedContents(ports, controlDir)).toEqual(right([found.dead]));
  runners.release(live);
  const both = abandonedContents(ports, controlDir);
  expect(both._tag === 'Right' && both.right.toSorted()).toEqual([found.live, found.dead].toSorted());
});

test('removing takes the abandoned ones and counts them; a dry run only counts', async () => {
  const { controlDir, ports, found } = await setUp();
  expect(clearAbandonedContents(ports, controlDir, { dryRun: true })()).toBe(1);
  expect(abandonedContents(ports, controlDir)).toEqual(right([found.dead]));
  expect(clearAbandonedContents(ports, controlDir, { dryRun: false })()).toBe(1);
  expect(abandonedContents(ports, controlDir)).toEqual(right([]));
  expect(nodeFileSystem.stat(found.live)()).toMatchObject({ _tag: 'Right' });
});

test('what cannot be removed is said, and does not count', async () => {
  const { controlDir, ports, found, lines } = await setUp();
  const [runnerId] = found.dead.slice(found.dead.lastIndexOf('/') + 1).split('.');
  const path = join(controlDir, `host-exports/${runnerId}.${uuidIds.uuidV7()}`);
  mkdirSync(path);
  expect(clearAbandonedContents(ports, controlDir, { dryRun: false })()).toBe(1);
  expect(lines.map(({ event, fields }) => [event, fields.path])).toEqual([
    ['export_contents_not_removed', path],
  ]);
});

test('a pond without exports has none', () => {
  const { logger } = memoryLogger();
  const ports = { files: nodeFileSystem, locks: sqliteLocks, logger };
  const controlDir = temporaryFolder('export-contents');
  expect(abandonedContents(ports, controlDir)).toEqual(right([]));
  expect(clearAbandonedContents(ports, controlDir, { dryRun: false })()).toBe(0);
});
