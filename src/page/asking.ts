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

/**
 * The answer of an address, asked for again whenever `version` changes; null asks for nothing. What is under way then ends first and
 * is shown: a pond may change more often than it can answer.
 */
export const useAsked = <A>(address: string | null, version = 0): Asked<A> => {
  const [asked, setAsked] = useState<Asked<A>>({ value: null, failure: null, isLoading: true });
  const asking = useRef<Asking | null>(null);
  useEffect(() => {
    asking.current = null;
    if (address === null) {
      setAsked({ value: null, failure: null, isLoading: false });
      return;
    }
    const gone = new AbortController();
    setAsked({ value: null, failure: null, isLoading: true });
    asking.current = askingFor(version, async () => {
      try {
        const value = await get<A>(address, gone.signal);
        setAsked({ value, failure: null, isLoading: false });
      } catch (thrown) {
        if (gone.signal.aborted) return;
        setAsked(({ value }) => ({ value, failure: failureOf(thrown), isLoading: false }));
      }
    });
    return () => gone.abort();
  }, [address]);
  useEffect(() => {
    asking.current?.wants(version);
  }, [address, version]);
  return asked;
};

interface Asking {
  /** Asks for a version where that is another one than before, now or when what is under way has ended. */
  readonly wants: (version: number) => void;
}

/** Asks at once for a version, and for others as they are wanted, one after another. */
const askingFor = (first: number, ask: () => Promise<void>): Asking => {
  let wanted = first;
  let isUnderWay = false;
  const begin = async () => {
    if (isUnderWay) return;
    isUnderWay = true;
    let asked: number;
    do {
      asked = wanted;
      await ask();
    } while (asked !== wanted);
    isUnderWay = false;
  };
  void begin();
  return {
    wants: (version) => {
      if (version === wanted) return;
      wanted = version;
      void begin();
    },
  };
};
