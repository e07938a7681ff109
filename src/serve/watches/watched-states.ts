import type { WatchWords } from '../../domain/watches/watch-words.js';
import type { Settling } from '../../planner/watches/settling.js';

/** State of a watch between two looks of this process. Times are monotonic milliseconds. */
export interface WatchedState {
  readonly words: WatchWords;
  /** Files that are there, each with since when it is as it is. */
  settling: Settling;
  /** Time at which one of them will have settled, or it is to be looked again; null: neither. */
  nextAt: number | null;
  /** Time of the last look. */
  lookedAt: number;
  /** Changes of the folder that were told before the last look. */
  seen: number;
  /** The directory of which the system tells changes; null: of none. */
  identity: string | null;
  stop: () => void;
}

/** The states of a pond's watches, by the paths of their entries. */
export interface WatchedStates {
  /** The state of a watch. One whose words have changed begins again. */
  readonly of: (path: string, words: WatchWords) => WatchedState;
  /** Stops watching what is not among these. */
  readonly keep: (paths: ReadonlySet<string>) => void;
  /** Earliest time at which one of them is to be looked at; null: at none. */
  readonly nextAt: () => number | null;
  /** Milliseconds that a file of any of them needs to settle, at most. */
  readonly longestSettling: () => number;
}

export const watchedStates = (): WatchedStates => {
  const states = new Map<string, WatchedState>();
  const forget = (path: string): void => {
    states.get(path)?.stop();
    states.delete(path);
  };
  return {
    of: (path, words) => {
      const known = states.get(path);
      if (known !== undefined && JSON.stringify(known.words) === JSON.stringify(words)) return known;
      forget(path);
      const state = newState(words);
      states.set(path, state);
      return state;
    },
    keep: (paths) => {
      for (const path of [...states.keys()]) if (!paths.has(path)) forget(path);
    },
    nextAt: () => {
      const times = [...states.values()].flatMap(({ nextAt }) => (nextAt === null ? [] : [nextAt]));
      return times.length === 0 ? null : Math.min(...times);
    },
    longestSettling: () => Math.max(...[...states.values()].map(({ words }) => words.settleMs)),
  };
};

const newState = (words: WatchWords): WatchedState => ({
  words,
  settling: new Map(),
  nextAt: null,
  lookedAt: Number.NEGATIVE_INFINITY,
  seen: -1,
  identity: null,
  stop: () => undefined,
});
