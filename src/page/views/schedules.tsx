import { post } from '../api.js';
import { useAsked } from '../asking.js';
import { Deed, Panel, Shown, State, Table, To } from '../parts/pieces.js';
import { TimeWords } from '../parts/time-words.js';
import { duration, lastName, localTime, plain, plainLines, times, until } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Firing, Schedule, Watch } from '../shapes.js';
import type { ViewOf } from './view.js';

/** What happens by itself: schedules with what became of their firings, watched folders with what came in. */
export const Schedules = (view: ViewOf) => {
  const base = `/ponds/${encodeURIComponent(view.pond)}`;
  const schedules = useAsked<{ readonly schedules: readonly Schedule[] }>(`${base}/schedules`, view.version);
  const watches = useAsked<{ readonly watches: readonly Watch[] }>(`${base}/watches`, view.version);
  return (
    <>
      <Shown asked={schedules}>
        {(found) =>
          found.schedules.length === 0 ? (
            <Panel title="Schedules">
              <p class="quiet">
                Nothing is scheduled in /etc/schedule.d. <New {...view} directory="/etc/schedule.d" />
              </p>
            </Panel>
          ) : (
            found.schedules.map((one) => <OneSchedule key={one.path} {...view} schedule={one} base={base} />)
          )
        }
      </Shown>
      <Shown asked={watches}>
        {(found) =>
          found.watches.length === 0 ? (
            <Panel title="Watched folders">
              <p class="quiet">
                No folder is watched in /etc/watch.d. <New {...view} directory="/etc/watch.d" />
              </p>
            </Panel>
          ) : (
            found.watches.map((one) => <OneWatch key={one.path} pond={view.pond} watch={one} />)
          )
        }
      </Shown>
    </>
  );
};

/** A link to the form for a new entry of a directory. */
const New = ({ pond, isReadOnly, directory }: ViewOf & { readonly directory: string }) =>
  isReadOnly ? null : <To href={viewAddress(pond, 'new-entry', { directory })}>new entry</To>;

const OneSchedule = ({
  pond,
  base,
  schedule,
  isReadOnly,
}: ViewOf & { readonly base: string; readonly schedule: Schedule }) => {
  const { path, next_due, problem, failures, failing_since, firings } = schedule;
  const name = plain(lastName(path));
  return (
    <Panel
      title={name}
      aside={
        <>
          <To href={viewAddress(pond, 'entries', { path })}>configuration</To>
          <Deed
            name="Run now"
            isOff={isReadOnly || schedule.schedule === null}
            says={
              <p>
                Runs {plain(path)} once, now, at the newest commit. That is not a firing: when it is due next
                stays as it is.
              </p>
            }
            does={() => post(`${base}/run`, { path })}
          />
        </>
      }
    >
      <p class="facts">
        {schedule.schedule === null ? null : (
          <span>
            <code>{plain(schedule.schedule)}</code>{' '}
            <span class="quiet">{plain(schedule.timezone ?? '')}</span>
          </span>
        )}
        {next_due === null ? null : (
          <span>
            due <TimeWords time={next_due} says={until} />
          </span>
        )}
        {schedule.missed === null ? null : (
          <span class="quiet">what is missed: {plain(schedule.missed)}</span>
        )}
        {failing_since === null ? null : (
          <span class="why">
            fails since {localTime(failing_since)}, {times(failures)}
          </span>
        )}
      </p>
      {problem === null ? null : <p class="why">{plain(problem)}</p>}
      {firings.length === 0 ? (
        <p class="quiet">It has not fired yet.</p>
      ) : (
        <Table label={`firings of ${name}`} head={['due', 'state', 'began', 'took', 'what it said']} folds>
          {firings.map((firing) => (
            <FiringRow key={firing.firing} pond={pond} firing={firing} />
          ))}
        </Table>
      )}
    </Panel>
  );
};

const FiringRow = ({ pond, firing }: { readonly pond: string; readonly firing: Firing }) => (
  <tr>
    <td class="when">
      <To href={viewAddress(pond, 'firing', { firing: firing.firing })}>{localTime(firing.due_at)}</To>
    </td>
    <td>
      <State state={firing.state} />
    </td>
    <td class="when named">{localTime(firing.started_at)}</td>
    <td class="number named">{firing.duration_ms === null ? '' : duration(firing.duration_ms)}</td>
    <td class={`whole rest ${firing.state === 'failed' ? 'why' : 'quiet'}`}>
      <span class="line-of" title={plainLines(firing.error_message ?? '')}>
        {plainLines(firing.error_message ?? '')}
      </span>
    </td>
  </tr>
);

const OneWatch = ({ pond, watch }: { readonly pond: string; readonly watch: Watch }) => (
  <Panel
    title={plain(lastName(watch.path))}
    aside={<To href={viewAddress(pond, 'entries', { path: watch.path })}>configuration</To>}
  >
    {watch.description === null ? null : <p>{plain(watch.description)}</p>}
    <p class="facts">
      {watch.folder === null ? null : (
        <span>
          <code>
            {plain(watch.folder)}/{plain(watch.pattern ?? '')}
          </code>{' '}
          <span class="quiet">
            into {plain(watch.into ?? '')} as {plain(watch.as ?? '')}
          </span>
        </span>
      )}
      {watch.enabled ? null : <span class="quiet">disabled</span>}
      {watch.last_batch === null ? (
        <span class="quiet">nothing has come in yet</span>
      ) : (
        <span>
          last batch <TimeWords time={watch.last_batch.at} />
        </span>
      )}
    </p>
    {watch.problem === null ? null : (
      <p class="why">
        {plainLines(watch.problem.message)}
        {watch.problem.since === null ? '' : `, since ${localTime(watch.problem.since)}`}
      </p>
    )}
    {watch.batches.length === 0 ? null : (
      <Table
        label={`batches of ${plain(watch.path)}`}
        head={['when', 'commit', 'taken', 'unchanged', 'refused']}
        folds
      >
        {watch.batches.map(({ at, txn_seq, taken, unchanged, refused }) => (
          <tr key={at}>
            <td class="when">{localTime(at)}</td>
            <td class="number named">
              {txn_seq === null ? '' : <To href={viewAddress(pond, `commit/${txn_seq}`)}>{txn_seq}</To>}
            </td>
            <td class="number named">{taken}</td>
            <td class="number named">{unchanged}</td>
            <td class={`number named${refused > 0 ? ' why' : ''}`}>{refused}</td>
          </tr>
        ))}
      </Table>
    )}
    {watch.refused.length === 0 ? null : (
      <>
        <h3>refused</h3>
        <Table
          label={`refused files of ${plain(watch.path)}`}
          head={['file', 'when', 'why', 'moved to']}
          folds
        >
          {watch.refused.map(({ file, at, reason, moved_to }) => (
            <tr key={`${file} ${at}`}>
              <td class="path whole">{plain(file)}</td>
              <td class="when">{localTime(at)}</td>
              <td class="why whole">{plainLines(reason)}</td>
              <td class="path named whole">{plain(moved_to ?? '')}</td>
            </tr>
          ))}
        </Table>
      </>
    )}
  </Panel>
);
