import type { MemoryFileSystem } from '../../src/adapters/memory/file-system/memory-file-system.js';
import {
  loseEverything,
  loseNothing,
  type PowerLoss,
} from '../../src/adapters/memory/file-system/power-loss.js';
import { seededRandom } from '../soak/seeded-random.js';

/** A way in which the power may be lost, and what to call it. */
export interface Loss {
  readonly name: string;
  readonly loss: PowerLoss;
}

/**
 * Ways in which a disk may be found: every combination of what survives, as long as these are no more than `most`;
 * else nothing, everything, and combinations by chance. What survives of a file's last bytes goes with them.
 */
export const lossesOf = (disk: MemoryFileSystem, most: number, seed: number): readonly Loss[] => {
  let questions = 0;
  disk.crash({
    survives: () => {
      questions += 1;
      return true;
    },
    keptBytes: ({ size }) => size,
  });
  const ends: readonly Loss[] = [
    { name: 'all of it lost', loss: loseEverything },
    { name: 'none of it lost', loss: loseNothing },
  ];
  if (questions === 0) return ends.slice(0, 1);
  const random = seededRandom(seed);
  const combinations =
    2 ** questions <= most
      ? Array.from({ length: 2 ** questions }, (_, bits) => bits)
      : Array.from({ length: Math.max(0, most - ends.length) }, () =>
          random.below(2 ** Math.min(questions, 30)),
        );
  return [
    ...ends,
    ...[...new Set(combinations)].map((bits) => ({
      name: `${bits.toString(2)} of it kept`,
      loss: someOf(bits),
    })),
  ];
};

/** Whether the n-th thing that is asked about survives is the n-th bit. */
const someOf = (bits: number): PowerLoss => {
  let asked = 0;
  const next = () => {
    const bit = Math.floor(bits / 2 ** (asked % 30)) % 2;
    asked += 1;
    return bit === 1;
  };
  return {
    survives: next,
    keptBytes: ({ synced, size }) =>
      bits % 3 === 0 ? synced : bits % 3 === 1 ? size : synced + ((size - synced) >> 1),
  };
};
