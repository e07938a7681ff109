import { useEffect, useRef, useState } from 'preact/hooks';
import { addressOf, follow, get } from '../api.js';
import { failureOf } from '../asking.js';
import type { Failure, Output, OutputLine } from '../shapes.js';
import { Failed } from './pieces.js';
import { localTime, plain } from './words.js';

interface Said {
  readonly base: string;
  /** Name of the task as the interface takes it. */
  readonly task: string;
  readonly attempts: number;
  readonly isRunning: boolean;
  readonly isOpen?: boolean;
}

/** Output of a task, while it runs as it comes; looked for when it is opened. */
export const TaskOutput = ({ isOpen = false, ...said }: Said) => {
  const [isShown, setShown] = useState(isOpen || said.isRunning);
  const [attempt, setAttempt] = useState<number | null>(null);
  if (said.attempts === 0) return null;
  const shown = attempt ?? said.attempts;
  return (
    <details open={isShown} onToggle={({ currentTarget }) => setShown(currentTarget.open)}>
      <summary>output</summary>
      {isShown ? (
        <>
          {said.attempts > 1 ? (
            <div class="tools">
              <span class="quiet">attempt</span>
              {Array.from({ length: Math.min(said.attempts, 20) }, (_, at) => said.attempts - at).map(
                (one) => (
                  <button
                    key={one}
                    type="button"
                    aria-pressed={one === shown}
                    onClick={() => setAttempt(one)}
                  >
                    {one}
                  </button>
                ),
              )}
            </div>
          ) : null}
          <Lines
            key={`${shown} ${said.isRunning && shown === said.attempts}`}
            {...said}
            attempt={shown}
            isFollowed={said.isRunning && shown === said.attempts}
          />
        </>
      ) : null}
    </details>
  );
};

const Lines = ({
  base,
  task,
  attempt,
  isFollowed,
}: Said & { readonly attempt: number; readonly isFollowed: boolean }) => {
  const [lines, setLines] = useState<readonly OutputLine[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const gone = new AbortController();
    const add = (output: Output) => setLines((before) => [...(before ?? []), ...output.lines]);
    const query = { task, attempt };
    const asking = isFollowed
      ? follow({ base, task, attempt }, add, gone.signal)
      : get<Output>(addressOf(`${base}/output`, query), gone.signal).then(add);
    asking.catch((thrown) => {
      if (!gone.signal.aborted) setFailure(failureOf(thrown));
    });
    return () => gone.abort();
  }, [base, task, attempt, isFollowed]);
  // Whoever follows sees the newest line.
  useEffect(() => {
    if (isFollowed && lines !== null && box.current !== null)
      box.current.scrollTop = box.current.scrollHeight;
  }, [isFollowed, lines]);
  if (failure !== null) return <Failed failure={failure} />;
  if (lines === null) return null;
  if (lines.length === 0)
    return (
      <p class="quiet">
        {isFollowed ? 'It has said nothing yet.' : 'It said nothing, or it is kept no longer.'}
      </p>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by keys
    <pre class="said" ref={box} tabIndex={0} aria-live={isFollowed ? 'polite' : 'off'}>
      {lines.map((line) => (
        <span key={line.number} class={`line ${line.level}`} title={localTime(line.time)}>
          {`${textOf(line)}\n`}
        </span>
      ))}
    </pre>
  );
};

/** A program's own line as it is, an event of a factory with its fields. */
const textOf = ({ event, fields }: OutputLine): string => {
  if (event === 'output_left_out') return `… ${String(fields.lines)} lines are not kept …`;
  if (event === 'task_output' && typeof fields.line === 'string') return plain(fields.line);
  const words = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return plain([event, ...words].join(' '));
};
