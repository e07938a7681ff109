import { post } from '../api.js';
import { useAsked } from '../asking.js';
import { CommitNumber, CommitWords } from '../parts/commit-words.js';
import { Deed, Panel, Shown, State, To } from '../parts/pieces.js';
import { TimeWords } from '../parts/time-words.js';
import { duration, plain, plainLines, since, times, until } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Overview as Facts, Schedule, Standing } from '../shapes.js';
import { taskAddress } from './commit.js';
import type { ViewOf } from './view.js';

/** The view that says what fails and since when, what is late, what runs, and the newest commits. */
export const Overview = ({ pond, version }: ViewOf) => {
  const asked = useAsked<Facts>(`/ponds/${encodeURIComponent(pond)}/overview`, version);
  return <Shown asked={asked}>{(facts) => <All pond={pond} facts={facts} />}</Shown>;
};

const All = ({ pond, facts }: { readonly pond: string; readonly facts: Facts }) => {
  const { entries, post_commit: unfinished, schedules = [] } = facts;
  const failing = entries.filter(({ failing_since }) => failing_since !== null);
  const running = unfinished.tasks.filter(({ runner }) => runner !== null);
  const left = unfinished.tasks.filter(({ runner }) => runner === null);
  const broken = unfinished.transactions.filter(({ is_running }) => !is_running);
  const late = lateIn(facts);
  const base = `/ponds/${encodeURIComponent(pond)}`;
  return (
    <>
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
        <Figure
          name="late"
          value={late.length + facts.incomplete.tasks}
          isBad={late.length + left.length > 0}
        />
        <Figure name="running" value={facts.running.tasks} />
      </div>
      <Panel
        title="Entries"
        aside={
          <Deed
            name="Recover"
            isOff={facts.is_read_only || (left.length === 0 && broken.length === 0)}
            says={
              <p>
                Repairs {broken.length} unfinished transactions, as far as a crash left them so, and runs{' '}
                {facts.incomplete.tasks} unfinished tasks. What has completed is not run again.
              </p>
            }
            does={() => post(`${base}/recover`, {})}
          />
        }
      >
        {entries.length === 0 ? (
          <p class="quiet">
            Nothing has run by itself yet: <To href={viewAddress(pond, 'entries')}>entries</To> say what runs,
            and when
            {facts.is_read_only ? null : (
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
      {late.length + left.length === 0 ? null : (
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
                  <State state={task.state} /> <TaskLink pond={pond} task={task.task} />{' '}
                  {plain(task.config_path)}
                </span>
                <span class="quiet">nobody is at it</span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {running.length === 0 ? null : (
        <Panel title="Running now">
          <ul class="lines">
            {running.map((task) => (
              <li key={task.task} class="apart">
                <span>
                  <State state={task.state} /> <TaskLink pond={pond} task={task.task} />{' '}
                  {plain(task.config_path)}
                </span>
                {task.started_at === null ? null : <TimeWords time={task.started_at} says={since} quiet />}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {schedules.length === 0 ? null : (
        <Panel title="Due next" aside={<To href={viewAddress(pond, 'schedules')}>all</To>}>
          <ul class="lines">
            {[...schedules]
              .filter(({ next_due }) => next_due !== null)
              .sort(bySoonest)
              .map((one) => (
                <li key={one.path} class="apart">
                  <span>
                    <span class="sign">
                      {one.last === null ? null : <State state={one.last.state} short />}
                    </span>{' '}
                    <To href={viewAddress(pond, 'schedules')}>{plain(one.path.split('/').at(-1) ?? '')}</To>{' '}
                    <code class="quiet">{plain(one.schedule ?? '')}</code>
                  </span>
                  <TimeWords time={one.next_due ?? ''} says={until} quiet />
                </li>
              ))}
          </ul>
        </Panel>
      )}
      <Panel title="Newest commits" aside={<To href={viewAddress(pond, 'commits')}>all</To>}>
        <ul class="lines">
          {facts.commits.map((commit) => (
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
    </>
  );
};

const bySoonest = (a: Schedule, b: Schedule): number =>
  Date.parse(a.next_due ?? '') - Date.parse(b.next_due ?? '');

interface Late {
  readonly words: string;
  readonly address: readonly [view: string, query: Readonly<Record<string, string>>];
  readonly since: string;
}

/** What has not come in time, and what by itself does not go on: silent paths, schedules and watched folders with a fault. */
const lateIn = ({ entries, schedules = [], watches = [] }: Facts): readonly Late[] => [
  ...entries.filter(({ failing_since }) => failing_since !== null).flatMap(silentPaths),
  ...schedules
    .filter(({ problem }) => problem !== null)
    .map(({ path, problem }) => ({ words: path, address: ['schedules', {}] as const, since: problem ?? '' })),
  ...watches
    .filter(({ problem }) => problem !== null)
    .map(({ path, problem }) => ({
      words: path,
      address: ['schedules', {}] as const,
      since: problem?.message ?? '',
    })),
];

/** Paths that `freshness` has found silent, as its report says. */
const silentPaths = ({ factory_name, last }: Standing): readonly Late[] => {
  const report = last?.report as { readonly checked?: unknown } | null | undefined;
  if (factory_name !== 'freshness' || !Array.isArray(report?.checked)) return [];
  return (report.checked as readonly Checked[])
    .filter(({ fresh }) => fresh === false)
    .map(({ path, age_s, within_s, ahead }) => ({
      words: String(path),
      // A pattern is shown by what it is below.
      address: ['files', { path: String(path).replace(/\/[^/]*[*?[{].*$/, '') || '/' }] as const,
      since:
        ahead === true
          ? 'its newest event lies in the future'
          : typeof age_s === 'number'
            ? `silent for ${duration(age_s * 1000)}, expected within ${duration(Number(within_s) * 1000)}`
            : 'nothing has ever come',
    }));
};

interface Checked {
  readonly path?: unknown;
  readonly fresh?: unknown;
  readonly age_s?: unknown;
  readonly within_s?: unknown;
  readonly ahead?: unknown;
}

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

export const TaskLink = ({ pond, task }: { readonly pond: string; readonly task: string }) => (
  <To href={taskAddress(pond, task)}>
    {plain(task.startsWith('/') ? (task.split('@').at(-1) ?? task) : task)}
  </To>
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
