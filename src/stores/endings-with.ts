/** Endings of what is under way, each to be taken back when that is over. */
export interface Endings {
  readonly begin: () => AbortController;
  readonly end: (ending: AbortController) => void;
}

/**
 * Endings that abort with a signal: one listener for all of them, however many there are, and none where there are none. The runtime takes more than
 * ten for a leak, and says so to whoever made the command.
 */
export const endingsWith = (signal: AbortSignal): Endings => {
  const endings = new Set<AbortController>();
  const endAll = (): void => {
    for (const ending of endings) ending.abort();
  };
  return {
    begin: () => {
      const ending = new AbortController();
      if (endings.size === 0) signal.addEventListener('abort', endAll, { once: true });
      endings.add(ending);
      return ending;
    },
    end: (ending) => {
      endings.delete(ending);
      if (endings.size === 0) signal.removeEventListener('abort', endAll);
    },
  };
};
