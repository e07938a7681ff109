import { GLOBAL_OPTIONS_WITH_VALUE } from '../global-options.js';

/** Finds where the words that are not options stand in what was typed, up to `--`. Values of global options are none. */
export const wordPositions = (argv: readonly string[]): readonly number[] => {
  const positions: number[] = [];
  for (let at = 0; at < argv.length && argv[at] !== '--'; at += 1) {
    const word = argv[at] ?? '';
    if (GLOBAL_OPTIONS_WITH_VALUE.includes(word)) at += 1;
    else if (!word.startsWith('-')) positions.push(at);
  }
  return positions;
};

/** Tells whether an option is among the words before `--`. */
export const hasOption = (argv: readonly string[], option: string): boolean => {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).includes(option);
};
