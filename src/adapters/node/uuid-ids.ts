import { randomFillSync } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { v7 } from 'uuid';
import type { Ids } from '../../ports/ids.js';

/** Random bytes of one id ... */
const RANDOM = 16;
/** ... and of those that are asked for at once: asking takes longer than making an id. */
const POOL = 256 * RANDOM;

/** Ids of one millisecond are counted, from a random number on. */
const COUNTS = 2 ** 31;

const ascendingIds = (): Ids => {
  const pool = Buffer.alloc(POOL);
  let used = POOL;
  let msecs = 0;
  let seq = 0;
  return {
    uuidV7: () => {
      if (used === POOL) {
        fillWithChance(pool);
        used = 0;
      }
      const random = pool.subarray(used, used + RANDOM);
      used += RANDOM;
      const now = Date.now();
      if (now > msecs) {
        msecs = now;
        seq = random.readUInt32BE(6) % COUNTS;
      } else {
        seq = (seq + 1) % (2 * COUNTS);
        // All counted: the next millisecond is borrowed.
        if (seq === 0) msecs += 1;
      }
      return v7({ random, msecs, seq });
    },
  };
};

/** Random bytes from the kernel. Node's cryptography, which asks it, too, takes longer to load than many a command takes. */
const fillWithChance = (pool: Buffer): void => {
  const filled = bytesFromKernel(pool);
  if (filled < pool.length) randomFillSync(pool, filled);
};

/** Number of bytes that were filled: none where the kernel does not give them as a file. */
const bytesFromKernel = (pool: Buffer): number => {
  let file: number;
  try {
    file = openSync('/dev/urandom', 'r');
  } catch {
    return 0;
  }
  try {
    // In place of the device anything may lie in a directory that a process was shut up in.
    return fstatSync(file).isCharacterDevice() ? readSync(file, pool) : 0;
  } finally {
    closeSync(file);
  }
};

/** Random UUIDv7s, in ascending order within one process. */
export const uuidIds: Ids = ascendingIds();
