import type { Clock } from '../../ports/clock.js';
import type { Terminal } from '../program.js';
import { byteSize } from './print-values.js';

/** A line on standard error that says how far something is. */
export interface Progress {
  readonly advance: (amount: number) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

/** Milliseconds before the line appears, and between two of its updates. */
const PATIENCE = 1_000;
const INTERVAL = 200;

/** Shows progress only on a terminal, and only for what takes over a second. `total` is null where it is not known. */
export const startProgress = (
  terminal: Terminal,
  clock: Clock,
  {
    label,
    total,
    print = byteSize,
  }: {
    readonly label: string;
    readonly total: number | null;
    /** An amount in words; default: as bytes. */
    readonly print?: (amount: number) => string;
  },
): Progress => {
  let done = 0;
  let nextAt = clock.monotonicMs() + PATIENCE;
  let isShown = false;
  return {
    advance: (amount) => {
      done += amount;
      if (!terminal.errIsTerminal || clock.monotonicMs() < nextAt) return;
      nextAt = clock.monotonicMs() + INTERVAL;
      isShown = true;
      const share =
        total === null || total === 0 ? '' : ` of ${print(total)} (${Math.floor((100 * done) / total)}%)`;
      terminal.writeErr(`\r\u001b[K${label} ${print(done)}${share}`);
    },
    end: () => {
      if (isShown) terminal.writeErr('\r\u001b[K');
    },
  };
};
