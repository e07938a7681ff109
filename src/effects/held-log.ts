import type { IO } from 'fp-ts/lib/IO.js';
import type { Logger } from '../ports/logger.js';

/** A logger whose lines wait until it is known whether what they say has come to be. */
export interface HeldLog {
  readonly logger: Logger;
  /** Writes what has waited as it was logged; what comes later is written at once. */
  readonly tell: IO<void>;
  /** Writes what has waited for who debugs: nothing of it has come to be. */
  readonly withdraw: IO<void>;
}

export const heldLog = (logger: Logger): HeldLog => {
  type Line = (asDebug: boolean) => void;
  const waiting: Line[] = [];
  let isHeld = true;

  const holding = (inner: Logger): Logger => ({
    log: (level, event, fields) => {
      if (isHeld) waiting.push((asDebug) => inner.log(asDebug ? 'debug' : level, event, fields));
      else inner.log(level, event, fields);
    },
    with: (fields) => holding(inner.with(fields)),
  });
  const end = (asDebug: boolean) => () => {
    isHeld = false;
    for (const line of waiting.splice(0)) line(asDebug);
  };
  return { logger: holding(logger), tell: end(false), withdraw: end(true) };
};
