// What lies in a pond's log, made by hand: names that say any number, and packs that say more than they hold. Each command
// ends, and says what is wrong; one that did not is ended and fails the test.

import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256 } from '../../../src/domain/documents/sha256.js';
import { builtExecutable, plainEnvironment, type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

/** Milliseconds in which a command has ended on a machine that has other things to do. */
const LONG_ENOUGH = 40_000;
const MEGABYTES = 1024;
/** Commits after which a checkpoint is written. */
const COMMITS = 12;

let made: TempPond;
beforeAll(async () => {
  made = await tempPond(callPond);
  for (let count = 1; count <= COMMITS; count += 1) await made.run(['mkdir', `/d${count}`]);
});
afterAll(() => made.remove());

const run = (pond: string, ...args: readonly string[]) => {
  const memory = `--max-old-space-size=${MEGABYTES}`;
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [memory, builtExecutable(), '--pond', pond, ...args],
    { encoding: 'utf8', timeout: LONG_ENOUGH, killSignal: 'SIGKILL', env: plainEnvironment() },
  );
  return { command: args.join(' '), status, signal, said: `${stdout}${stderr}` };
};

const digits = (version: number | bigint): string => String(version).padStart(20, '0');
const inLog = (pond: string, name: string): string => join(pond, 'data/_delta_log', name);
const entry = (version: number | bigint): string => `${digits(version)}.json`;
const checkpoint = (version: number | bigint): string => `${digits(version)}.checkpoint.parquet`;

/** A pack that says of itself what is given, with one block. */
const writePack = (pond: string, name: string, index: Record<string, unknown>, body: Uint8Array): void => {
  mkdirSync(join(pond, 'data/_history'), { recursive: true });
  const said = Buffer.from(JSON.stringify({ pack: 1, sha256: sha256(body), ...index }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(said.length);
  writeFileSync(
    join(pond, 'data/_history', name),
    Buffer.concat([body, said, length, Buffer.from('PONDPACK')]),
  );
};

const FAR = [3_000_000_000n, 9_007_199_254_740_991n, 99_999_999_999_999_999_999n];

/** Each with what `fsck` says of it. */
const logs: readonly (readonly [string, (pond: string) => void, RegExp])[] = [
  ...FAR.map(
    (version) =>
      [
        `an entry of version ${version}`,
        (pond: string) => copyFileSync(inLog(pond, entry(COMMITS)), inLog(pond, entry(version))),
        /is missing.* \d+ that come next|not a file of the pond's/,
      ] as const,
  ),
  ...FAR.slice(0, 2).map(
    (version) =>
      [
        `a checkpoint of version ${version}`,
        (pond: string) => {
          copyFileSync(inLog(pond, checkpoint(10)), inLog(pond, checkpoint(version)));
          writeFileSync(inLog(pond, '_last_checkpoint'), `{"version":${version},"size":9}`);
        },
        /is missing.* \d+ that come next/,
      ] as const,
  ),
  [
    'a log that begins at version 3000000000',
    (pond) => {
      for (const name of readdirSync(inLog(pond, ''))) if (name.endsWith('.json')) rmSync(inLog(pond, name));
      renameSync(inLog(pond, checkpoint(10)), inLog(pond, checkpoint(3_000_000_000n)));
      writeFileSync(inLog(pond, entry(3_000_000_000n)), '{"commitInfo":{"timestamp":1}}\n');
      writeFileSync(inLog(pond, '_last_checkpoint'), '{"version":3000000000,"size":9}');
    },
    /before version 3000000000/,
  ],
  [
    'a pack of very many versions',
    (pond) => {
      const body = deflateRawSync(Buffer.from('[2]\n{}'));
      const block = { first: 13, count: 3_000_000_000, offset: 0, size: body.length, bytes: 6 };
      const index = { first: 13, count: 3_000_000_000, blocks: [block] };
      writePack(pond, `${digits(13)}-${digits(3_000_000_012)}.pack`, index, body);
    },
    /names blocks that it does not have/,
  ],
  [
    'a pack whose blocks are one and the same',
    (pond) => {
      const body = deflateRawSync(Buffer.from(`[${300_000_000}]\n${'x'.repeat(300_000_000)}`));
      const block = (first: number) => ({
        first,
        count: 1,
        offset: 0,
        size: body.length,
        bytes: 300_000_012,
      });
      const blocks = Array.from({ length: 2000 }, (_, count) => block(13 + count));
      writePack(pond, `${digits(13)}-${digits(2012)}.pack`, { first: 13, count: 2000, blocks }, body);
    },
    /names blocks that it does not have/,
  ],
];

test.each(logs)('%s keeps no command waiting, and is found', (_, change, found) => {
  const pond = join(made.host, 'changed');
  rmSync(pond, { recursive: true, force: true });
  cpSync(made.pond, pond, { recursive: true });
  change(pond);
  for (const args of [['list'], ['log'], ['control'], ['mkdir', '/more'], ['maintain']])
    expect(run(pond, ...args)).toMatchObject({ signal: null, said: expect.not.stringContaining('internal') });
  expect(run(pond, 'fsck')).toMatchObject({ signal: null, said: expect.stringMatching(found) });
});
