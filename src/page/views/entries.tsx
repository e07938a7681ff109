import { useEffect, useState } from 'preact/hooks';
import { addressOf, post } from '../api.js';
import { failureOf, useAsked } from '../asking.js';
import { Judged, type Verdict } from '../parts/judged.js';
import { Deed, Failed, Panel, Shown, State, Table, To } from '../parts/pieces.js';
import { TimeWords } from '../parts/time-words.js';
import { localTime, plain } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Entry, Failure, Standing } from '../shapes.js';
import { TaskLink } from './overview.js';
import type { ViewOf } from './view.js';

type Listed = Entry & { readonly directory: string; readonly standing: Standing | null };

interface Configuration {
  readonly path: string;
  readonly factory: string | null;
  readonly text: string;
  readonly sha256: string | null;
}

/** The entries that run by themselves, and one of them: its configuration, its outcomes, editing it, running it now. */
export const Entries = (view: ViewOf) => {
  const { pond, place, version, isReadOnly } = view;
  const path = place.query.get('path');
  const asked = useAsked<{ readonly entries: readonly Listed[] }>(
    `/ponds/${encodeURIComponent(pond)}/entries`,
    version,
  );
  return (
    <>
      {path === null ? null : (
        <One
          key={path}
          {...view}
          path={path}
          standing={asked.value?.entries.find((one) => one.path === path)?.standing ?? null}
        />
      )}
      <Panel title="Entries" aside={isReadOnly ? undefined : <NewEntryLink pond={pond} />}>
        <Shown asked={asked}>
          {({ entries }) =>
            entries.length === 0 ? (
              <p class="quiet">
                Nothing runs by itself yet: {isReadOnly ? 'a new entry' : <NewEntryLink pond={pond} />} says
                what, and when.
              </p>
            ) : (
              <Table label="entries" head={['entry', 'factory', 'state', 'last', 'commit']} folds>
                {entries.map((one) => (
                  <tr key={one.path} class={one.path === path ? 'chosen' : ''}>
                    <td class="whole">
                      <To href={viewAddress(pond, 'entries', { path: one.path })}>{plain(one.path)}</To>
                    </td>
                    <td class="quiet">{plain(one.factory ?? one.standing?.factory_name ?? '')}</td>
                    <td>{one.standing?.last == null ? '' : <State state={one.standing.last.state} />}</td>
                    <td>
                      {one.standing?.last == null ? (
                        ''
                      ) : (
                        <>
                          <TaskLink pond={pond} task={one.standing.last.task} />{' '}
                          {one.standing.last.completed_at === null ? null : (
                            <TimeWords time={one.standing.last.completed_at} quiet />
                          )}
                        </>
                      )}
                    </td>
                    <td class="number named">{one.txn_seq}</td>
                  </tr>
                ))}
              </Table>
            )
          }
        </Shown>
      </Panel>
    </>
  );
};

const NewEntryLink = ({ pond }: { readonly pond: string }) => (
  <To href={viewAddress(pond, 'new-entry')}>new entry</To>
);

const One = ({
  pond,
  path,
  version,
  isReadOnly,
  standing,
}: ViewOf & { readonly path: string; readonly standing: Standing | null }) => {
  const base = `/ponds/${encodeURIComponent(pond)}`;
  const [saved, setSaved] = useState(0);
  const asked = useAsked<Configuration>(
    addressOf(`${base}/entries/configuration`, { path }),
    version + saved,
  );
  const [edited, setEdited] = useState<Configuration | null>(null);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [last, setLast] = useState(10);
  const { value } = asked;
  // What is being edited stays, whatever happens meanwhile: keeping it says whether somebody else has changed it.
  useEffect(() => {
    if (value !== null) setEdited((before) => before ?? value);
  }, [value]);
  const isChanged = edited !== null && value !== null && edited.text !== value.text;
  const given = edited === null ? null : { path, text: edited.text, ...factoryOf(edited) };
  const check = async () => {
    try {
      setFailure(null);
      setVerdict(await post<Verdict>(`${base}/entries/check`, { ...given, last }));
    } catch (thrown) {
      setFailure(failureOf(thrown));
    }
  };
  return (
    <>
      <Panel
        title={plain(path)}
        aside={
          <Deed
            name="Run now"
            isOff={isReadOnly || value === null || path.startsWith('/etc/watch.d/')}
            says={<p>Runs {plain(path)} once, now, at the newest commit, whatever its conditions are.</p>}
            does={() => post(`${base}/run`, { path })}
          />
        }
      >
        {asked.failure === null ? null : <Failed failure={asked.failure} />}
        {edited === null ? null : (
          <>
            <label>
              <span class="heard">Configuration</span>
              <textarea
                class="code"
                rows={Math.min(30, edited.text.split('\n').length + 2)}
                spellcheck={false}
                readOnly={isReadOnly}
                value={edited.text}
                onInput={({ currentTarget }) => {
                  setVerdict(null);
                  setEdited({ ...edited, text: currentTarget.value });
                }}
              />
            </label>
            {isReadOnly ? null : (
              <div class="tools">
                <button type="button" onClick={() => void check()}>
                  Check
                </button>
                {path.startsWith('/etc/system.d/') ? (
                  <label class="quiet">
                    against the last{' '}
                    <select
                      value={last}
                      onChange={({ currentTarget }) => setLast(Number(currentTarget.value))}
                    >
                      {[10, 50, 100].map((many) => (
                        <option key={many} value={many}>
                          {many}
                        </option>
                      ))}
                    </select>{' '}
                    commits
                  </label>
                ) : null}
                <Deed
                  name="Keep"
                  isOff={!isChanged}
                  says={
                    <p>
                      Makes one commit that changes {plain(path)}. It sets off nothing; the commits after it
                      do.
                    </p>
                  }
                  does={async () => {
                    await post(`${base}/entries`, { ...given, sha256: edited.sha256 });
                    setEdited(null);
                    setSaved(saved + 1);
                  }}
                />
                {isChanged ? (
                  <button
                    type="button"
                    onClick={() => {
                      setVerdict(null);
                      setEdited(value);
                    }}
                  >
                    Undo
                  </button>
                ) : null}
              </div>
            )}
          </>
        )}
        {failure === null ? null : <Failed failure={failure} />}
        {verdict === null ? null : <Judged pond={pond} verdict={verdict} />}
      </Panel>
      {standing === null ? null : (
        <Panel title="Last outcomes">
          <Table label="outcomes" head={['task', 'state', 'when']} folds>
            {standing.outcomes.map(({ task, state, at }) => (
              <tr key={task}>
                <td>
                  <TaskLink pond={pond} task={task} />
                </td>
                <td>
                  <State state={state} />
                </td>
                <td>{localTime(at)}</td>
              </tr>
            ))}
          </Table>
        </Panel>
      )}
    </>
  );
};

const factoryOf = ({ factory }: Configuration) => (factory === null ? {} : { factory });
