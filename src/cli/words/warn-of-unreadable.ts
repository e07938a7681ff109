import { printable } from '../../domain/text/printable.js';
import { describeError } from '../../steward/describe-error.js';
import type { Matches } from '../../tinyfs/tinyfs.js';
import type { Terminal } from '../program.js';
import { onOneLine } from './print-values.js';

/** Says which dynamic directories a pattern could not look into. */
export const warnOfUnreadable = (terminal: Terminal, { unreadable }: Pick<Matches, 'unreadable'>): void => {
  for (const { path, error } of unreadable) {
    terminal.writeErr(
      `pond: warning: ${printable(path)} cannot be looked into: ${onOneLine(describeError(error))}\n`,
    );
  }
};
