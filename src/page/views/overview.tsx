import { post } from '../api.js';
import { useAsked } from '../asking.js';
import { CommitNumber, CommitWords } from '../parts/commit-words.js';
import { Deed, Panel, Shown, State, To } from '../parts/pieces.js';
import { TaskLink } from '../parts/task-link.js';
import { TimeWords } from '../parts/time-words.js';
import { duration, lastName, plain, plainLines, since, times, until } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Overview as Facts, Schedule, Standing, Task } from '../shapes.js';
import { type Late, lateIn } from './late.js';
import type { ViewOf } from './view.js';

/** The view that says what fails and since when, what is late, what runs, and the newest commits. */
export const Overview = ({ pond, version }: ViewOf) => {
  const asked = useAsked<Facts>(`/ponds/${encodeURIComponent(pond)}/overview`, version);
  return <Shown asked={asked}>{(facts) => <All pond={pond} facts={facts} />}</Shown>;
};

interface OfPond {
  readonly pond: string;
  readonly facts: Facts;
}

const All = ({ pond, facts }: OfPond) => {
  const { tasks, transactions } = facts.post_commit;
  const running = tasks.filter(({ runner }) => runner !== null);
  const left = tasks.filter(({ runner }) => runner === null);
  const broken = transactions.filter(({ is_running }) => !is_running);
  const late = lateIn(facts);
  return (
    <>
      <Figures facts={facts} late={late.length} left={left.length} />
      <Entries pond={pond} facts={facts} left={left.length} broken={broken.length} />
      {late.length + left.length === 0 ? null : <LatePanel pond={pond} late={late} left={left} />}
      {running.length === 0 ? null : <Running pond={pond} tasks={running} />}
      {facts.schedules === undefined || facts.schedules.length === 0 ? null : (
        <DueNext pond={pond} schedules={facts.schedules} />
      )}
      <NewestCommits pond={pond} facts={facts} />
    </>
  );
};

const Figures = ({
  facts,
  late,
  left,
}: {
  readonly facts: Facts;
  readonly late: number;
  readonly left: number;
}) => {
  const failing = facts.entries.filter(({ failing_since }) => failing_since !== null);
  return (
    <div class="figures">
      <Figure name="last commit" value={facts.last_txn_seq} />
      <Figure
        name={failing.length === 1 ? 'failing entry' : 'failing entries'}
        value={failing.length}
        isBad={failing.length > 0}
      />
      <Figure
        name={facts.failed_tasks === 1 ? 'failed task' : 'failed tasks'}
        value={facts.failed_tasks}
        isBad={facts.failed_tasks > 0}
      />
      <Figure name="late" value={late + facts.incomplete.tasks} isBad={late + left > 0} />
      <Figure name="running" value={facts.running.tasks} />
    </div>
  );
};

/** Entries as they stand, and recovering what a crash left of them. */
const Entries = ({
  pond,
  facts: { entries, incomplete, is_read_only },
  left,
  broken,
}: OfPond & {
  /** Numbers of tasks that nobody is at, and of transactions that nobody goes on with. */
  readonly left: number;
  readonly broken: number;
}) => (
  <Panel
    title="Entries"
    aside={
      <Deed
        name="Recover"
        isOff={is_read_only || (left === 0 && broken === 0)}
        says={
          <p>
            Repairs {broken} unfinished transactions, as far as a crash left them so, and runs{' '}
            {incomplete.tasks} unfinished tasks. What has completed is not run again.
          </p>
        }
        does={() => post(`/ponds/${encodeURIComponent(pond)}/recover`, {})}
      />
    }
  >
    {entries.length === 0 ? (
      <p class="quiet">
        Nothing has run by itself yet: <To href={viewAddress(pond, 'entries')}>entries</To> say what runs, and
        when
        {is_read_only ? null : (
          <>
            ; begin with a <To href={viewAddress(pond, 'new-entry')}>new entry</To>
          </>
        )}
        .
      </p>
    ) : (
      <ul class="standings">
        {entries.map((standing) => (
          <EntryRow key={standing.config_path} pond={pond} standing={standing} />
        ))}
      </ul>
    )}
  </Panel>
);

const LatePanel = ({
  pond,
  late,
  left,
}: {
  readonly pond: string;
  readonly late: readonly Late[];
  readonly left: readonly Task[];
}) => (
  <Panel title="Late">
    <ul class="lines">
      {late.map(({ words, address, since }) => (
        <li key={`${address} ${words}`} class="apart">
          <span>
            <To href={viewAddress(pond, ...address)}>{plain(words)}</To>
          </span>
          <span class="why">{plain(since)}</span>
        </li>
      ))}
      {left.map((task) => (
        <li key={task.task} class="apart">
          <span>
            <State state={task.state} /> <TaskLink pond={pond} task={task.task} /> {plain(task.config_path)}
          </span>
          <span class="quiet">nobody is at it</span>
        </li>
      ))}
    </ul>
  </Panel>
);

const Running = ({ pond, tasks }: { readonly pond: string; readonly tasks: readonly Task[] }) => (
  <Panel title="Running now">
    <ul class="lines">
      {tasks.map((task) => (
        <li key={task.task} class="apart">
          <span>
            <State state={task.state} /> <TaskLink pond={pond} task={task.task} /> {plain(task.config_path)}
          </span>
          {task.started_at === null ? null : <TimeWords time={task.started_at} says={since} quiet />}
        </li>
      ))}
    </ul>
  </Panel>
);

const DueNext = ({ pond, schedules }: { readonly pond: string; readonly schedules: readonly Schedule[] }) => (
  <Panel title="Due next" aside={<To href={viewAddress(pond, 'schedules')}>all</To>}>
    <ul class="lines">
      {[...schedules]
        .filter(({ next_due }) => next_due !== null)
        .sort(bySoonest)
        .map((one) => (
          <li key={one.path} class="apart">
            <span>
              <span class="sign">{one.last === null ? null : <State state={one.last.state} short />}</span>{' '}
              <To href={viewAddress(pond, 'schedules')}>{plain(lastName(one.path))}</To>{' '}
              <code class="quiet">{plain(one.schedule ?? '')}</code>
            </span>
            <TimeWords time={one.next_due ?? ''} says={until} quiet />
          </li>
        ))}
    </ul>
  </Panel>
);

const NewestCommits = ({ pond, facts: { commits } }: OfPond) => (
  <Panel title="Newest commits" aside={<To href={viewAddress(pond, 'commits')}>all</To>}>
    <ul class="lines">
      {commits.map((commit) => (
        <li key={commit.txn_id} class="newest">
          <CommitNumber pond={pond} of={commit} />
          <State state={commit.status} short />
          <CommitWords of={commit} />
          <span class="marks">
            {commit.tasks.map((task) => (
              <State key={task.task} state={task.state} short />
            ))}
          </span>
          <TimeWords time={commit.started_at} quiet />
        </li>
      ))}
    </ul>
  </Panel>
);

const bySoonest = (a: Schedule, b: Schedule): number =>
  Date.parse(a.next_due ?? '') - Date.parse(b.next_due ?? '');

const Figure = ({
  name,
  value,
  isBad = false,
}: {
  readonly name: string;
  readonly value: number;
  readonly isBad?: boolean;
}) => (
  <div class={`figure${isBad ? ' bad' : ''}`}>
    <strong>{value}</strong> <span>{name}</span>
  </div>
);

const EntryRow = ({ pond, standing }: { readonly pond: string; readonly standing: Standing }) => (
  <li class={standing.failing_since === null ? '' : 'failing'}>
    <span class="where">
      <To href={viewAddress(pond, 'entries', { path: standing.config_path })}>
        {plain(standing.config_path)}
      </To>{' '}
      <span class="quiet">{plain(standing.factory_name ?? '')}</span>
    </span>
    <Outcomes standing={standing} />
    <span class="since">
      {standing.failing_since === null ? (
        <>
          {standing.last === null ? '' : <State state={standing.last.state} />}{' '}
          <span class="quiet">
            {standing.last?.duration_ms == null ? '' : duration(standing.last.duration_ms)}
          </span>
        </>
      ) : (
        <>
          <State state="failed" /> for <TimeWords time={standing.failing_since} says={since} />,{' '}
          {times(standing.failures)}
          {standing.last === null ? null : (
            <>
              {' '}
              · <TaskLink pond={pond} task={standing.last.task} />
            </>
          )}
        </>
      )}
    </span>
    {standing.failing_since === null || standing.last?.error_message == null ? null : (
      <span class="why">{plainLines(standing.last.error_message)}</span>
    )}
  </li>
);

/** Outcomes as a row of marks, the newest to the right. */
const Outcomes = ({ standing }: { readonly standing: Standing }) => (
  <svg
    class="outcomes"
    width={standing.outcomes.length * 6}
    height="14"
    role="img"
    aria-label={`the last ${standing.outcomes.length} outcomes, the newest last: ${standing.outcomes
      .map(({ state }) => state)
      .reverse()
      .join(', ')}`}
  >
    {[...standing.outcomes].reverse().map(({ task, state }, at) => (
      <rect key={task} class={`bar ${state}`} x={at * 6} y="1" width="4" height="12" rx="1" />
    ))}
  </svg>
);
