import { post } from '../api.js';
import { useAsked } from '../asking.js';
import { Deed, Panel, Shown, State, To } from '../parts/pieces.js';
import { ago, command, duration, localTime, plain } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Overview as Facts, Standing } from '../shapes.js';
import type { ViewOf } from './view.js';

/** The view that says what fails and since when, what is late, what runs, and the newest commits. */
export const Overview = ({ pond, version }: ViewOf) => {
  const asked = useAsked<Facts>(`/ponds/${encodeURIComponent(pond)}/overview`, version);
  return <Shown asked={asked}>{(facts) => <All pond={pond} facts={facts} />}</Shown>;
};

const All = ({ pond, facts }: { readonly pond: string; readonly facts: Facts }) => {
  const { entries, post_commit: unfinished } = facts;
  const failing = entries.filter(({ failing_since }) => failing_since !== null);
  const running = unfinished.tasks.filter(({ runner }) => runner !== null);
  const late = unfinished.tasks.filter(({ runner }) => runner === null);
  const base = `/ponds/${encodeURIComponent(pond)}`;
  return (
    <>
      <div class="figures">
        <Figure name="last commit" value={facts.last_txn_seq} />
        <Figure name="failing entries" value={failing.length} isBad={failing.length > 0} />
        <Figure name="failed tasks" value={facts.failed_tasks} isBad={facts.failed_tasks > 0} />
        <Figure name="unfinished" value={late.length} isBad={late.length > 0} />
        <Figure name="running" value={running.length} />
      </div>
      <Panel
        title="Entries"
        aside={
          <Deed
            name="Recover"
            isOff={facts.is_read_only || (late.length === 0 && unfinished.transactions.length === 0)}
            says={
              <p>
                Repairs what a crash left and runs {late.length} unfinished tasks. What has completed is not
                run again.
              </p>
            }
            does={() => post(`${base}/recover`, {})}
          />
        }
      >
        {entries.length === 0 ? (
          <p class="quiet">Nothing is configured in /etc/system.d yet, or no commit has set it off.</p>
        ) : (
          <ul class="standings">
            {entries.map((standing) => (
              <EntryRow key={standing.config_path} pond={pond} standing={standing} />
            ))}
          </ul>
        )}
      </Panel>
      {unfinished.tasks.length === 0 ? null : (
        <Panel title="Running and late">
          <ul class="lines">
            {unfinished.tasks.map((task) => (
              <li key={task.task}>
                <State state={task.state} /> <TaskLink pond={pond} task={task.task} />{' '}
                {plain(task.config_path)}{' '}
                <span class="quiet">{task.runner === null ? 'nobody is at it' : ago(task.started_at)}</span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel title="Newest commits" aside={<To href={viewAddress(pond, 'commits')}>all</To>}>
        <ul class="lines">
          {facts.commits.map((commit) => (
            <li key={commit.txn_id}>
              <To href={viewAddress(pond, `commit/${commit.txn_seq}`)}>{commit.txn_seq}</To>{' '}
              <State state={commit.status} short />{' '}
              <span class="marks">
                {commit.tasks.map((task) => (
                  <State key={task.task} state={task.state} short />
                ))}
              </span>{' '}
              <code>{command(commit.cli_args)}</code>{' '}
              <time class="quiet" dateTime={commit.started_at} title={localTime(commit.started_at)}>
                {ago(commit.started_at)}
              </time>
            </li>
          ))}
        </ul>
      </Panel>
    </>
  );
};

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
  <To href={viewAddress(pond, `commit/${task.split('.')[0]}`)}>{task}</To>
);

const EntryRow = ({ pond, standing }: { readonly pond: string; readonly standing: Standing }) => (
  <li class={standing.failing_since === null ? '' : 'failing'}>
    <span class="where">
      <To href={viewAddress(pond, 'entries', { path: standing.config_path })}>
        {plain(standing.config_path)}
      </To>{' '}
      <span class="quiet">{standing.factory_name}</span>
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
          <State state="failed" /> for {ago(standing.failing_since).replace(' ago', '')}, {standing.failures}{' '}
          times
        </>
      )}
    </span>
    {standing.failing_since === null || standing.last?.error_message == null ? null : (
      <span class="why">{plain(standing.last.error_message)}</span>
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
