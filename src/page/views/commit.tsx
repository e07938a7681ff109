import { useState } from 'preact/hooks';
import { addressOf } from '../api.js';
import { useAsked } from '../asking.js';
import { Difference } from '../parts/difference.js';
import { Failed, Panel, Shown, State, To } from '../parts/pieces.js';
import { PlanGraph } from '../parts/plan-graph.js';
import { Report } from '../parts/report.js';
import { TaskCard } from '../parts/task-card.js';
import { taskAddress } from '../parts/task-link.js';
import { Waterfall } from '../parts/waterfall.js';
import { command, commandHere, duration, lastName, localTime, plain, plainLines } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Cause, Gate, Plan, Trace, TracedCommit } from '../shapes.js';
import type { ViewOf } from './view.js';

/** Changes that are listed at first, and how many more each time. */
const CHANGES = 100;
/** Failed and running tasks whose output is shown without being asked for. */
const OPEN = 3;

/** One commit: what it changed, its plan, its tasks in time, what they said, and what it set off. */
export const Commit = ({ pond, place, version, isReadOnly }: ViewOf) => {
  const number = place.rest[0] ?? '';
  const base = `/ponds/${encodeURIComponent(pond)}`;
  const address = `${base}/commits/${encodeURIComponent(number)}`;
  const [listed, setListed] = useState(CHANGES);
  const trace = useAsked<Trace>(address, version);
  const plan = useAsked<Plan>(addressOf(`${address}/plan`, { limit: listed }));
  const status = useAsked<{ readonly last_txn_seq: number }>(`${base}/status?limit=1`, version);
  if (trace.failure !== null && trace.value === null)
    return (
      <>
        <Failed failure={trace.failure} />
        <p>
          <To href={viewAddress(pond, 'commits')}>newest commits</To>
        </p>
      </>
    );
  const last = status.value?.last_txn_seq ?? null;
  return (
    <>
      <Shown asked={trace}>{(commit) => <Summary pond={pond} commit={commit} last={last} />}</Shown>
      <Shown asked={plan}>
        {(planned) => (
          <>
            <Panel title="Changes" aside={<span class="quiet">{planned.changes_total}</span>}>
              <ul class="lines">
                {planned.changes.map((change) => (
                  <Change
                    key={`${change.kind} ${change.path}`}
                    pond={pond}
                    seq={Number(number)}
                    change={change}
                  />
                ))}
              </ul>
              {planned.changes_total > planned.changes.length ? (
                <button type="button" onClick={() => setListed(listed * 5)}>
                  show more
                </button>
              ) : null}
            </Panel>
            <Panel title="Plan">
              <PlanGraph tasks={planned.tasks} traced={trace.value?.tasks ?? []} />
              {planned.rejected.map(({ path, errors }) => (
                <p key={path} class="why">
                  rejected: {plainLines(errors.join('\n'))}
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
        {(commit) => (
          <>
            <Gates gates={commit.transaction.gates ?? []} />
            {commit.tasks.length === 0 ? null : (
              <>
                <Panel title="In time">
                  <Waterfall trace={commit} />
                </Panel>
                <Panel title="Tasks">
                  {opened(commit).map(({ task, isOpen }) => (
                    <TaskCard key={task.task} {...{ pond, task, isReadOnly, isOpen }} />
                  ))}
                </Panel>
              </>
            )}
            <Chain pond={pond} commits={commit.derived ?? []} />
          </>
        )}
      </Shown>
    </>
  );
};

const opened = ({ tasks }: TracedCommit) => {
  let left = OPEN;
  return tasks.map((task) => {
    const isOpen = (task.state === 'failed' || task.state === 'started') && left > 0;
    if (isOpen) left -= 1;
    return { task, isOpen };
  });
};

const Summary = ({
  pond,
  commit,
  last,
}: {
  readonly pond: string;
  readonly commit: Trace;
  /** The number of the newest commit, where it is known. */
  readonly last: number | null;
}) => {
  const seq = commit.txn_seq;
  const causes = commit.transaction.caused_by ?? [];
  return (
    <Panel
      title={`Commit ${seq}`}
      aside={
        <>
          {seq > 1 ? <To href={viewAddress(pond, `commit/${seq - 1}`)}>← {seq - 1}</To> : null}
          {last === null || seq >= last ? null : (
            <To href={viewAddress(pond, `commit/${seq + 1}`)}>{seq + 1} →</To>
          )}
          <To href={viewAddress(pond, 'files', { at: seq })}>files then</To>
          {commit.trace_url === null ? null : <TraceLink url={commit.trace_url} />}
        </>
      }
    >
      <p class="facts">
        <State state={commit.status} />
        <code>{command(commit.cli_args)}</code>
        <time dateTime={commit.started_at}>{localTime(commit.started_at)}</time>
        <span class="quiet">{commit.duration_ms === null ? '' : duration(commit.duration_ms)}</span>
      </p>
      {commit.transaction.error_message === null ? null : (
        <p class="why">{plainLines(commit.transaction.error_message)}</p>
      )}
      {causes.length === 0 ? null : (
        <p class="quiet">
          made inside{' '}
          {causes.map((cause, at) => (
            <span key={at}>
              {at === 0 ? '' : ', inside '}
              <CauseLink pond={pond} cause={cause} isOwn={cause.pond_id === commit.pond_id} />
            </span>
          ))}
        </p>
      )}
    </Panel>
  );
};

const CauseLink = ({
  pond,
  cause: { task, firing, config_path },
  isOwn,
}: {
  readonly pond: string;
  readonly cause: Cause;
  readonly isOwn: boolean;
}) => {
  // A factory that is run by hand, or a folder that is watched, is neither.
  const name = task ?? firing ?? null;
  const words =
    name === null || name === firing ? plain(name ?? config_path) : `${plain(name)} (${plain(config_path)})`;
  if (!isOwn) return <>{words} of another pond</>;
  const address =
    name === null ? viewAddress(pond, 'entries', { path: config_path }) : taskAddress(pond, name);
  return <To href={address}>{words}</To>;
};

/** A link out of the page: only where it leads to a page. */
export const TraceLink = ({ url }: { readonly url: string }) =>
  /^https?:\/\//.test(url) ? (
    <a href={url} rel="noreferrer noopener" target="_blank">
      trace
    </a>
  ) : null;

const Change = ({
  pond,
  seq,
  change: { kind, path, from, file_type },
}: {
  readonly pond: string;
  readonly seq: number;
  readonly change: Plan['changes'][number];
}) => {
  const [isShown, setShown] = useState(false);
  const hasContent = /^(file|table|series)(:dynamic)?$/.test(file_type);
  const at = kind === 'deleted' ? seq - 1 : seq;
  return (
    <li class="change">
      <span class={`kind ${kind}`}>{kind}</span>{' '}
      <To href={viewAddress(pond, 'files', { path, at })}>{plain(path)}</To>
      {from === undefined ? null : <span class="quiet"> from {plain(from)}</span>}
      {hasContent && seq > 1 ? (
        <details onToggle={({ currentTarget }) => setShown(currentTarget.open)}>
          <summary aria-label={`what differs in ${plain(path)}`}>what differs</summary>
          {isShown ? (
            <Difference
              base={`/ponds/${encodeURIComponent(pond)}`}
              path={path}
              oldPath={from}
              from={seq - 1}
              to={seq}
            />
          ) : null}
        </details>
      ) : null}
    </li>
  );
};

const Gates = ({ gates }: { readonly gates: readonly Gate[] }) =>
  gates.length === 0 ? null : (
    <Panel title="Gates">
      {gates.map(({ config_path, factory_name, state, duration_ms, error_message, report }) => (
        <article key={config_path} class={`task ${state}`}>
          <header>
            <State state={state} />
            <span>{plain(config_path)}</span>
            <span class="quiet">
              {plain(factory_name ?? '')} {duration_ms === null ? '' : duration(duration_ms)}
            </span>
          </header>
          {error_message === null ? null : <pre class="why">{plainLines(error_message)}</pre>}
          {report === null || report === undefined ? null : (
            <details>
              <summary>report</summary>
              <Report value={report} />
            </details>
          )}
        </article>
      ))}
    </Panel>
  );

/** Commits that were made inside the tasks, each under the task that made it. */
const Chain = ({ pond, commits }: { readonly pond: string; readonly commits: readonly TracedCommit[] }) =>
  commits.length === 0 ? null : (
    <Panel title="Chain">
      <ul class="lines">
        {commits.map((one) => {
          const depth = one.caused_by?.length ?? 1;
          const inner = one.caused_by?.at(-1);
          return (
            <li key={one.txn_seq} class={`depth-${Math.min(depth, 6)}`}>
              <State state={one.status} short />{' '}
              <To href={viewAddress(pond, `commit/${one.txn_seq}`)}>{one.txn_seq}</To>{' '}
              {inner === undefined ? null : (
                <span class="quiet">
                  inside {plain(inner.task ?? '')} ({plain(inner.config_path)})
                </span>
              )}{' '}
              <code>{commandHere(one.cli_args)}</code>{' '}
              {one.tasks.map(({ task, state, config_path }) => (
                <span key={task} class="set-off">
                  <State state={state} short /> {plain(lastName(config_path))}
                </span>
              ))}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
