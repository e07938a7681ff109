import { printable } from '../../domain/text/printable.js';
import type { Clock } from '../../ports/clock.js';
import type { Terminal } from '../program.js';

/** A line on standard error that says in words what is being done. */
export interface ProgressWords {
  /** Empty words take the line away until there are others. */
  readonly say: (words: string) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

/** Milliseconds before the line appears, and between two of its updates. */
const PATIENCE = 1_000;
const INTERVAL = 200;
/** Characters that fit on a line of most terminals. */
const WIDTH = 78;

/** Shows what is being done only on a terminal, and only where it takes over a second; also while nothing new is said. */
export const startProgressWords = (
  terminal: Pick<Terminal, 'errIsTerminal' | 'writeErr'>,
  clock: Pick<Clock, 'sleep'>,
): ProgressWords => {
  const over = new AbortController();
  let words = '';
  let shown = '';
  const show = (next: string): void => {
    shown = next;
    terminal.writeErr(`\r\u001b[K${printable(next).slice(0, WIDTH)}`);
  };
  const goOn = async (): Promise<void> => {
    for (let wait = PATIENCE; ; wait = INTERVAL) {
      await clock.sleep(wait, over.signal);
      if (over.signal.aborted) return;
      if (words !== shown) show(words);
    }
  };
  let isGoing = false;
  return {
    say: (next) => {
      words = next;
      // At once: others write their lines now.
      if (next === '' && shown !== '') show('');
      if (!terminal.errIsTerminal || isGoing) return;
      isGoing = true;
      void goOn();
    },
    end: () => {
      over.abort();
      if (shown !== '') show('');
    },
  };
};
