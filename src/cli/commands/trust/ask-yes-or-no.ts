import type { Terminal } from '../../program.js';

/** Asks on the terminal; everything but `y` and `yes` is a no, and so is the end of the input. */
export const askYesOrNo = async (terminal: Terminal, question: string): Promise<boolean> => {
  terminal.writeErr(`${question} [y/N] `);
  let typed = '';
  for await (const chunk of terminal.stdin) {
    typed += Buffer.from(chunk).toString('utf8');
    if (typed.includes('\n') || typed.length > LONGEST) break;
  }
  return /^\s*(y|yes)\s*$/i.test(typed.split('\n')[0] ?? '');
};

const LONGEST = 1_000;
