import { post } from '../api.js';
import { viewAddress } from '../routing.js';
import type { TracedTask } from '../shapes.js';
import { TaskOutput } from './output.js';
import { Deed, State, To } from './pieces.js';
import { Report } from './report.js';
import { duration, plain, plainLines } from './words.js';

interface Card {
  readonly pond: string;
  readonly task: TracedTask;
  readonly isReadOnly: boolean;
  /** Tells whether what it said is shown without being asked for. */
  readonly isOpen: boolean;
  /** Name by which the interface takes it, where that is not the task's own. */
  readonly name?: string;
}

const canBeRetried = ({ state }: TracedTask): boolean =>
  ['failed', 'rolled_back', 'skipped', 'dismissed', 'cancelled'].includes(state);

const isUnfinished = ({ state }: TracedTask): boolean => state === 'pending' || state === 'started';

/** States whose message is of a failure: of one that was skipped, or settled, it is only the reason. */
const HAS_FAILED: ReadonlySet<string> = new Set(['failed', 'rolled_back', 'cancelled', 'started', 'pending']);

/** A task: its state, what can be done about it, what it said, and its reports. */
export const TaskCard = ({ pond, task, isReadOnly, isOpen, name = task.task }: Card) => {
  const base = `/ponds/${encodeURIComponent(pond)}`;
  return (
    <article class={`task ${task.state}`} aria-label={plain(task.config_path)}>
      <header>
        <State state={task.state} />
        <strong>{plain(shortName(task.task))}</strong>
        <To href={viewAddress(pond, 'entries', { path: task.config_path })}>{plain(task.config_path)}</To>
        <span class="quiet">{plain(task.factory_name ?? '')}</span>
        <span class="quiet">
          {task.attempts.length > 1 ? `${task.attempts.length} attempts` : ''}{' '}
          {task.duration_ms === null ? '' : duration(task.duration_ms)}
        </span>
        <span class="aside">
          <Deed
            name="Retry"
            isOff={isReadOnly || !canBeRetried(task)}
            says={
              <p>
                Runs task {plain(task.task)} ({plain(task.config_path)}) again
                {task.task.startsWith('/')
                  ? ', at the newest commit. '
                  : ', on the data and with the configuration of its commit. '}
                What it did before is not undone.
              </p>
            }
            does={() => post(`${base}/retry`, { task: name })}
          />
          <Deed
            name="Cancel"
            isOff={isReadOnly || !isUnfinished(task)}
            says={
              <p>
                Ends task {plain(task.task)} ({plain(task.config_path)}) where it runs, or sees to it that it
                does not begin. What it has done is not undone. It can be retried.
              </p>
            }
            does={() => post(`${base}/cancel`, { task: name })}
          />
          <Deed
            name="Dismiss"
            isOff={isReadOnly || (task.state !== 'failed' && task.state !== 'cancelled')}
            says={
              <p>
                Settles task {plain(task.task)} without running it: it counts as failed no longer and stays in
                the history. Retrying it by its number takes it up again.
              </p>
            }
            does={() => post(`${base}/dismiss`, { task: name })}
          />
        </span>
      </header>
      {task.error_message === null ? null : (
        <pre class={HAS_FAILED.has(task.state) ? 'why' : 'why settled'}>{plainLines(task.error_message)}</pre>
      )}
      <TaskOutput
        base={base}
        task={task.task}
        attempts={task.attempts.length}
        isRunning={isUnfinished(task)}
        isOpen={isOpen}
      />
      {task.attempts
        .filter(({ report }) => report !== null && report !== undefined)
        .map(({ attempt, report }) => (
          <details key={attempt} open={isOpen && attempt === task.attempts.length}>
            <summary>report{task.attempts.length > 1 ? ` of attempt ${attempt}` : ''}</summary>
            <Report value={report} />
          </details>
        ))}
    </article>
  );
};

/** The time of a firing is its name beside its entry. */
const shortName = (task: string): string => (task.startsWith('/') ? (task.split('@').at(-1) ?? task) : task);
