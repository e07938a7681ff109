import type { Terminal } from '../program.js';

/** Colours for text on standard output. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

const plain = (text: string): string => text;
const colour =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;

/** Colours only on a terminal, and not where NO_COLOR is set to anything (https://no-color.org). */
export const paintFor = ({ outIsTerminal, environment }: Terminal): Paint => {
  const isPlain = !outIsTerminal || (environment.NO_COLOR ?? '') !== '';
  return isPlain
    ? { good: plain, bad: plain, faint: plain, strong: plain }
    : { good: colour(32), bad: colour(31), faint: colour(2), strong: colour(1) };
};
