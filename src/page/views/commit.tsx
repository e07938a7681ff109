import { post } from '../api.js';
import { useAsked } from '../asking.js';
import { Deed, Panel, Shown, State, To } from '../parts/pieces.js';
import { PlanGraph } from '../parts/plan-graph.js';
import { Waterfall } from '../parts/waterfall.js';
import { command, duration, localTime, plain } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Plan, Trace, TracedTask } from '../shapes.js';
import type { ViewOf } from './view.js';

/** One commit: what it changed, its plan, its tasks in time, what they said, and what it set off. */
export const Commit = ({ pond, place, version, isReadOnly }: ViewOf) => {
  const number = place.rest[0] ?? '';
  const base = `/ponds/${encodeURIComponent(pond)}`;
  const trace = useAsked<Trace>(`${base}/commits/${encodeURIComponent(number)}`, version);
  const plan = useAsked<Plan>(`${base}/commits/${encodeURIComponent(number)}/plan`);
  const seq = Number(number);
  return (
    <>
      <Shown asked={trace}>
        {(commit) => (
          <Panel
            title={`Commit ${commit.txn_seq}`}
            aside={
              <>
                {seq > 1 ? <To href={viewAddress(pond, `commit/${seq - 1}`)}>← {seq - 1}</To> : null}{' '}
                <To href={viewAddress(pond, `commit/${seq + 1}`)}>{seq + 1} →</To>{' '}
                <To href={viewAddress(pond, 'files', { at: seq })}>files then</To>
                {commit.trace_url === null ? null : (
                  <>
                    {' '}
                    <TraceLink url={commit.trace_url} />
                  </>
                )}
              </>
            }
          >
            <p>
              <State state={commit.status} /> <code>{command(commit.cli_args)}</code>{' '}
              <time dateTime={commit.started_at}>{localTime(commit.started_at)}</time>{' '}
              <span class="quiet">{commit.duration_ms === null ? '' : duration(commit.duration_ms)}</span>
            </p>
          </Panel>
        )}
      </Shown>
      <Shown asked={plan}>
        {(planned) => (
          <>
            <Panel title="Changes">
              <ul class="lines">
                {planned.changes.map(({ kind, path, from }) => (
                  <li key={`${kind} ${path}`}>
                    <span class={`kind ${kind}`}>{kind}</span>{' '}
                    <To href={viewAddress(pond, 'files', { path, at: kind === 'deleted' ? seq - 1 : seq })}>
                      {plain(path)}
                    </To>
                    {from === undefined ? null : <span class="quiet"> from {plain(from)}</span>}
                  </li>
                ))}
              </ul>
            </Panel>
            <Panel title="Plan">
              <PlanGraph tasks={planned.tasks} traced={trace.value?.tasks ?? []} />
              {planned.rejected.map(({ path, errors }) => (
                <p key={path} class="why">
                  {plain(path)} was rejected: {plain(errors.join('; '))}
                </p>
              ))}
              {planned.skipped.length === 0 ? null : (
                <details>
                  <summary>{planned.skipped.length} left out</summary>
                  <ul class="lines">
                    {planned.skipped.map(({ path, reason }) => (
                      <li key={path}>
                        {plain(path)} <span class="quiet">{plain(reason)}</span>
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </Panel>
          </>
        )}
      </Shown>
      <Shown asked={trace}>
        {(commit) =>
          commit.tasks.length === 0 ? null : (
            <>
              <Panel title="In time">
                <Waterfall trace={commit} />
              </Panel>
              <Panel title="Tasks">
                {commit.tasks.map((task) => (
                  <TaskCard key={task.task} base={base} task={task} isReadOnly={isReadOnly} />
                ))}
              </Panel>
              {commit.derived === undefined ? null : (
                <Panel title="Chain">
                  <ul class="lines">
                    {commit.derived.map((one) => (
                      <li key={one.txn_seq}>
                        <To href={viewAddress(pond, `commit/${one.txn_seq}`)}>{one.txn_seq}</To>{' '}
                        {one.tasks.map(({ task, state }) => (
                          <State key={task} state={state} short />
                        ))}
                      </li>
                    ))}
                  </ul>
                </Panel>
              )}
            </>
          )
        }
      </Shown>
    </>
  );
};

/** A link out of the page: only where it leads to a page. */
const TraceLink = ({ url }: { readonly url: string }) =>
  /^https?:\/\//.test(url) ? (
    <a href={url} rel="noreferrer noopener" target="_blank">
      trace
    </a>
  ) : null;

const canBeRetried = ({ state }: TracedTask): boolean =>
  ['failed', 'rolled_back', 'skipped', 'dismissed'].includes(state);

const TaskCard = ({
  base,
  task,
  isReadOnly,
}: {
  readonly base: string;
  readonly task: TracedTask;
  readonly isReadOnly: boolean;
}) => (
  <article class={`task ${task.state}`}>
    <header>
      <State state={task.state} /> <strong>{task.task}</strong> {plain(task.config_path)}{' '}
      <span class="quiet">{task.factory_name}</span>
      <span class="aside">
        <Deed
          name="Retry"
          isOff={isReadOnly || !canBeRetried(task)}
          says={
            <p>
              Runs task {task.task} ({plain(task.config_path)}) again, on the data and with the configuration
              of its commit. What it did before is not undone.
            </p>
          }
          does={() => post(`${base}/retry`, { task: task.task })}
        />
        <Deed
          name="Dismiss"
          isOff={isReadOnly || task.state !== 'failed'}
          says={
            <p>
              Settles task {task.task} without running it: it counts as failed no longer and stays in the
              history. Retrying it by its number takes it up again.
            </p>
          }
          does={() => post(`${base}/dismiss`, { task: task.task })}
        />
      </span>
    </header>
    {task.error_message === null ? null : <pre class="why">{plain(task.error_message)}</pre>}
    {task.attempts
      .filter(({ report }) => report !== null && report !== undefined)
      .map(({ attempt, report }) => (
        <details key={attempt}>
          <summary>report of attempt {attempt}</summary>
          <pre>{JSON.stringify(report, null, 2)}</pre>
        </details>
      ))}
  </article>
);
