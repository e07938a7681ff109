import type { Trace, TracedTask } from '../shapes.js';
import { duration, plain } from './words.js';

/** The tasks of a commit in time: a bar for each attempt. Long waits between attempts of other days are not drawn to scale. */
export const Waterfall = ({ trace }: { readonly trace: Trace }) => {
  const times = trace.tasks
    .flatMap(({ attempts }) => attempts.flatMap(({ started_at, ended_at }) => [started_at, ended_at]))
    .filter((time) => time !== null)
    .map((time) => Date.parse(time));
  const begin = Date.parse(trace.started_at);
  const end = Math.max(begin + 1, ...times, trace.completed_at === null ? Date.now() : begin);
  const share = (time: number) => ((time - begin) / (end - begin)) * 100;
  return (
    <div class="waterfall">
      {trace.tasks.map((task) => (
        <Row key={task.task} task={task} share={share} end={end} />
      ))}
      <div class="quiet scale">
        <span>0</span>
        <span>{duration(end - begin)}</span>
      </div>
    </div>
  );
};

const Row = ({
  task,
  share,
  end,
}: {
  readonly task: TracedTask;
  readonly share: (time: number) => number;
  readonly end: number;
}) => (
  <div class="row">
    <span class="name">{plain(task.config_path.split('/').at(-1) ?? '')}</span>
    <svg class="bars" height="14" width="100%" role="img" aria-label={wordsOf(task)}>
      {task.attempts.map(({ attempt, state, started_at, ended_at }) => {
        if (started_at === null) return null;
        const from = share(Date.parse(started_at));
        const to = share(ended_at === null ? end : Date.parse(ended_at));
        return (
          <rect
            key={attempt}
            class={`bar ${state}`}
            x={`${from}%`}
            width={`${Math.max(0.4, to - from)}%`}
            y="2"
            height="10"
            rx="2"
          />
        );
      })}
    </svg>
    <span class="quiet took">{task.duration_ms === null ? '' : duration(task.duration_ms)}</span>
  </div>
);

const wordsOf = ({ task, attempts }: TracedTask): string =>
  attempts.length === 0
    ? `${task}: not started`
    : `${task}: ${attempts.map(({ attempt, state, duration_ms }) => `attempt ${attempt} ${state}${duration_ms === null ? '' : ` in ${duration(duration_ms)}`}`).join(', ')}`;
