import { Panel, State, To } from '../../parts/pieces.js';
import { taskAddress } from '../../parts/task-link.js';
import { TraceLink } from '../../parts/trace-link.js';
import { command, duration, localTime, plain, plainLines } from '../../parts/words.js';
import { viewAddress } from '../../routing.js';
import type { Cause, Trace } from '../../shapes.js';

/** A commit in a few words: its state, its command, when, and inside what it was made. */
export const Summary = ({
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
