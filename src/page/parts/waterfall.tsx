import type { TracedCommit, TracedTask } from '../shapes.js';
import { type TimeScale, timeScale } from './time-scale.js';
import { duration, lastName, plain } from './words.js';

/** The tasks of a commit in time: a bar for each attempt. Long waits between attempts are drawn shorter than they were. */
export const Waterfall = ({ trace }: { readonly trace: TracedCommit }) => {
  const begin = Date.parse(trace.started_at);
  const now = Date.now();
  const spans = trace.tasks.flatMap(({ attempts }) =>
    attempts.flatMap(({ started_at, ended_at }) =>
      started_at === null
        ? []
        : [{ from: Date.parse(started_at), to: ended_at === null ? now : Date.parse(ended_at) }],
    ),
  );
  const own = { from: begin, to: begin + (trace.duration_ms ?? 0) };
  const end = Math.max(own.to, ...spans.map(({ to }) => to));
  const scale = timeScale(begin, [own, ...spans]);
  return (
    <div class="waterfall">
      <div class="row">
        <span class="name quiet">the write</span>
        <Bars words={`the write: ${duration(own.to - own.from)}`} breaks={scale}>
          <Bar scale={scale} from={own.from} to={own.to} state="write" />
        </Bars>
        <span class="quiet took">{duration(own.to - own.from)}</span>
      </div>
      {trace.tasks.map((task) => (
        <Row key={task.task} task={task} scale={scale} now={now} />
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
  scale,
  now,
}: {
  readonly task: TracedTask;
  readonly scale: TimeScale;
  readonly now: number;
}) => (
  <div class="row">
    <span class="name" title={plain(task.config_path)}>
      {plain(lastName(task.config_path))}
    </span>
    <Bars words={wordsOf(task)} breaks={scale}>
      {task.attempts.map(({ attempt, state, started_at, ended_at }) =>
        started_at === null ? null : (
          <Bar
            key={attempt}
            scale={scale}
            from={Date.parse(started_at)}
            to={ended_at === null ? now : Date.parse(ended_at)}
            state={state}
          />
        ),
      )}
    </Bars>
    <span class="quiet took">{task.duration_ms === null ? '' : duration(task.duration_ms)}</span>
  </div>
);

const Bars = ({
  words,
  breaks: { breaks },
  children,
}: {
  readonly words: string;
  readonly breaks: TimeScale;
  readonly children: preact.ComponentChildren;
}) => (
  <svg class="bars" height="14" width="100%" role="img" aria-label={words}>
    {breaks.map(({ at, milliseconds }) => (
      <line key={at} class="break" x1={`${at}%`} x2={`${at}%`} y1="0" y2="14">
        <title>nothing for {duration(milliseconds)}</title>
      </line>
    ))}
    {children}
  </svg>
);

const Bar = ({
  scale: { share },
  from,
  to,
  state,
}: {
  readonly scale: TimeScale;
  readonly from: number;
  readonly to: number;
  readonly state: string;
}) => {
  // What took no time is seen, too, inside the picture.
  const left = Math.min(share(from), 99.4);
  const width = Math.max(0.6, share(to) - left);
  return <rect class={`bar ${state}`} x={`${left}%`} width={`${width}%`} y="2" height="10" rx="2" />;
};

const wordsOf = ({ task, attempts }: TracedTask): string =>
  attempts.length === 0
    ? `${plain(task)}: not started`
    : `${plain(task)}: ${attempts.map(({ attempt, state, duration_ms }) => `attempt ${attempt} ${state}${duration_ms === null ? '' : ` in ${duration(duration_ms)}`}`).join(', ')}`;
