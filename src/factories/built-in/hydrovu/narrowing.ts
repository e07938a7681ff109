import type { HttpProblem } from '../http/patient-requests.js';

const DAY = 86_400;
/** Seconds that are asked for at once where all that is new was too much for the server, the longer ones first. */
const WIDTHS = [32 * DAY, 4 * DAY];

/** Choice of how much time of a device is asked for at once: all that is new, unless the server cannot. */
export interface Narrowing {
  /** End of what is asked for from a time on, in seconds; null: no end. */
  readonly endOf: (from: number) => number | null;
  /** Takes note of an answer: the next one may be for twice as long. */
  readonly widen: () => void;
  /** Takes note of a failure; tells whether less is asked for now, and the same should be tried again. */
  readonly narrow: (problem: HttpProblem, from: number) => boolean;
}

/** Widths that are too much, as far as that is known; shared by all devices, since a server that is out of order answers nothing. */
export interface TooMuch {
  width: number;
  isPointless: boolean;
}

export const narrowingOf = (until: number, tooMuch: TooMuch): Narrowing => {
  let width = Number.POSITIVE_INFINITY;
  return {
    endOf: (from) => (width === Number.POSITIVE_INFINITY ? null : from + width),
    widen: () => {
      if (width * 2 < tooMuch.width) width *= 2;
    },
    narrow: ({ mayBeTooMuch = false }, from) => {
      if (!mayBeTooMuch || tooMuch.isPointless) return false;
      const asked = Math.min(width, until - from);
      const narrower = WIDTHS.find((each) => each < asked);
      if (narrower === undefined) {
        // Not even a few days: that is not because of how much was asked for.
        if (width !== Number.POSITIVE_INFINITY) tooMuch.isPointless = true;
        return false;
      }
      tooMuch.width = Math.min(tooMuch.width, asked);
      width = narrower;
      return true;
    },
  };
};
