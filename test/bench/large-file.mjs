import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { settled, timed } from './machinery/measure.mjs';
import { peakMemoryOf } from './machinery/processes.mjs';
import { sized } from './machinery/sized.mjs';

const SIZE = sized(1024 ** 3, 1024 ** 2);
const BLOCK = sized(8 * 1024 ** 2, 1024 ** 2);

/** A file of 1 GiB into the pond and out again: the largest resident set of each process, and how fast. */
export const benchLargeFile = async ({ pond, Steward }, scratch) => {
  const directory = join(scratch, 'large-file');
  const host = join(scratch, 'large-file-host');
  mkdirSync(host);
  await settled(Steward.init(directory));
  writeLarge(join(host, 'large.bin'));
  const copy = async (name, from, to) => {
    let peak = 0;
    const took = await timed(() => {
      peak = peakMemoryOf([pond, '--pond', directory, 'copy', from, to]);
    });
    return [
      name,
      `${peak.toFixed(0)} MB`,
      '< 300 MB',
      `largest resident set of the process and those it starts; ${(SIZE / 1e6 / (took / 1000)).toFixed(0)} MB/s with its start and fsync`,
    ];
  };
  const rows = [
    await copy('1 GiB into the pond', `host://${host}/large.bin`, '/large.bin'),
    await copy('1 GiB out of the pond', '/large.bin', `host://${host}/copy.bin`),
  ];
  if (!sameBytes(join(host, 'large.bin'), join(host, 'copy.bin'))) throw new Error('the copy differs');
  rmSync(directory, { recursive: true });
  rmSync(host, { recursive: true });
  return rows;
};

const writeLarge = (path) => {
  const file = openSync(path, 'wx');
  const block = randomBytes(BLOCK);
  for (let written = 0; written < SIZE; written += BLOCK) {
    block.writeBigUInt64LE(BigInt(written));
    writeSync(file, block);
  }
  closeSync(file);
};

const sameBytes = (one, other) => {
  if (statSync(one).size !== statSync(other).size) return false;
  const files = [openSync(one, 'r'), openSync(other, 'r')];
  const blocks = [Buffer.alloc(BLOCK), Buffer.alloc(BLOCK)];
  try {
    for (let at = 0; at < SIZE; at += BLOCK) {
      for (const which of [0, 1]) readSync(files[which], blocks[which], 0, BLOCK, at);
      if (!blocks[0].equals(blocks[1])) return false;
    }
    return true;
  } finally {
    for (const file of files) closeSync(file);
  }
};
