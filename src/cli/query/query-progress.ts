import type { Invocation } from '../command.js';
import { startProgress } from '../words/progress.js';

/** The line that says how far a query is, as the engine tells it; it is gone before anything is written. */
export const queryProgress = (
  { terminal, program }: Pick<Invocation, 'terminal' | 'program'>,
  label = 'querying',
) => {
  let shown = 0;
  let hasEnded = false;
  const line = startProgress(terminal, program.clock, {
    label,
    total: null,
    print: (share: number) => `${share} %`,
  });
  const end = () => {
    if (!hasEnded) line.end();
    hasEnded = true;
  };
  const onProgress = (share: number) => {
    const now = Math.floor(share * 100);
    if (hasEnded || now < shown) return;
    line.advance(now - shown);
    shown = now;
  };
  return {
    onProgress,
    /** Bound of the query by which the engine tells; nobody asks where there is no terminal. */
    asked: terminal.errIsTerminal ? { onProgress } : {},
    /** Output that takes the line away first. */
    before:
      <A>(write: (piece: A) => Promise<boolean>) =>
      (piece: A): Promise<boolean> => {
        end();
        return write(piece);
      },
    end,
  };
};
