import { useEffect, useRef, useState } from 'preact/hooks';
import { get, Refused } from './api.js';
import type { Failure } from './shapes.js';

/** An answer, or what stands in its place. */
export interface Asked<A> {
  /** The newest answer; it stays while another one is asked for. */
  readonly value: A | null;
  readonly failure: Failure | null;
  readonly isLoading: boolean;
}

export const failureOf = (thrown: unknown): Failure =>
  thrown instanceof Refused
    ? thrown.failure
    : { tag: 'NoAnswer', message: 'the server does not answer', remedy: 'look whether pond serve runs' };

/** The answer of an address, asked for again whenever `version` changes; null asks for nothing. */
export const useAsked = <A>(address: string | null, version = 0): Asked<A> => {
  const [asked, setAsked] = useState<Asked<A>>({ value: null, failure: null, isLoading: true });
  const shown = useRef<string | null>(null);
  useEffect(() => {
    const gone = new AbortController();
    if (address === null) {
      setAsked({ value: null, failure: null, isLoading: false });
      return;
    }
    setAsked((before) => ({
      ...before,
      value: shown.current === address ? before.value : null,
      isLoading: true,
    }));
    get<A>(address, gone.signal).then(
      (value) => {
        shown.current = address;
        setAsked({ value, failure: null, isLoading: false });
      },
      (thrown) => {
        if (gone.signal.aborted) return;
        const failure = failureOf(thrown);
        setAsked(({ value }) => ({
          value: shown.current === address ? value : null,
          failure,
          isLoading: false,
        }));
      },
    );
    return () => gone.abort();
  }, [address, version]);
  return asked;
};
