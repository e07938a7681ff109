import { useRef, useState } from 'preact/hooks';
import { post } from './api.js';
import { failureOf } from './asking.js';
import type { Failure, Verdict } from './shapes.js';

/** Knowledge of a configuration that is not kept yet. */
export interface Checking {
  readonly verdict: Verdict | null;
  /** Error of the question itself. */
  readonly failure: Failure | null;
  readonly check: (configuration: object) => Promise<void>;
  /** Forgets what was said: something else is written there by now. */
  readonly forget: () => void;
}

const NOTHING = { verdict: null, failure: null } as const;

/** Asks whether a configuration may be kept; its verdict stands until it is forgotten, or another one is asked for. */
export const useChecking = (base: string): Checking => {
  const [known, setKnown] = useState<Pick<Checking, 'verdict' | 'failure'>>(NOTHING);
  /** Number of the last question; the answer of one before it, or of one that was forgotten, is about another text. */
  const asked = useRef(0);
  const forget = (): number => {
    setKnown(NOTHING);
    asked.current += 1;
    return asked.current;
  };
  return {
    ...known,
    check: async (configuration) => {
      const question = forget();
      const answer = await post<Verdict>(`${base}/entries/check`, configuration).then(
        (verdict) => ({ verdict, failure: null }),
        (thrown: unknown) => ({ verdict: null, failure: failureOf(thrown) }),
      );
      if (question === asked.current) setKnown(answer);
    },
    forget: () => void forget(),
  };
};
