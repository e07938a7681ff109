import { useEffect, useRef, useState } from 'preact/hooks';
import { useAsked } from '../asking.js';
import { localTime } from '../parts/words.js';
import { go, viewAddress } from '../routing.js';
import type { Where } from './where.js';

/** Milliseconds for which the slider stands still before a moment is shown. */
const STILL = 120;

/** Chooses a moment of the past: by a slider, or one commit after another. */
export const Moment = ({
  pond,
  base,
  path,
  at,
  last,
}: Where & { readonly base: string; readonly last: number }) => {
  const [moved, setMoved] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const commit = useAsked<{ readonly started_at: string }>(at === undefined ? null : `${base}/commits/${at}`);
  const shown = moved ?? at ?? last;
  const show = (chosen: number) =>
    go(viewAddress(pond, 'files', { path, at: chosen >= last ? undefined : chosen }), true);
  useEffect(() => () => clearTimeout(timer.current), []);
  // Only a moment that is shown is the slider's own again.
  useEffect(() => setMoved(null), [at]);
  const words = shown >= last ? 'now' : `after commit ${shown}`;
  return (
    <div class="moment">
      <span>
        {words}{' '}
        <span class="quiet">
          {moved === null && at !== undefined ? localTime(commit.value?.started_at ?? null) : ''}
        </span>
      </span>
      <button
        type="button"
        aria-label="one commit earlier"
        disabled={shown <= 1}
        onClick={() => show(shown - 1)}
      >
        ‹
      </button>
      <input
        type="range"
        aria-label="moment"
        min={1}
        max={last}
        value={shown}
        aria-valuetext={words}
        onInput={({ currentTarget }) => {
          const chosen = Number(currentTarget.value);
          setMoved(chosen);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => show(chosen), STILL);
        }}
      />
      <button
        type="button"
        aria-label="one commit later"
        disabled={shown >= last}
        onClick={() => show(shown + 1)}
      >
        ›
      </button>
      <button type="button" disabled={at === undefined} onClick={() => show(last)}>
        now
      </button>
    </div>
  );
};
