import { useEffect, useState } from 'preact/hooks';
import { addressOf, post } from '../api.js';
import { failureOf, useAsked } from '../asking.js';
import { Deed, Failed, Panel, Shown, State, Table, To } from '../parts/pieces.js';
import { ago, localTime, plain } from '../parts/words.js';
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

interface Verdict {
  readonly is_valid: boolean;
  readonly error: Failure | null;
  readonly warning: string | null;
  readonly commits: readonly {
    readonly txn_seq: number;
    readonly did_run: boolean;
    readonly would_run: boolean;
  }[];
}

/** The entries that run by themselves, and one of them: its configuration, its outcomes, editing it, running it now. */
export const Entries = (view: ViewOf) => {
  const { pond, place, version } = view;
  const path = place.query.get('path');
  const asked = useAsked<{ readonly entries: readonly Listed[] }>(
    `/ponds/${encodeURIComponent(pond)}/entries`,
    version,
  );
  return (
    <>
      <Panel title="Entries">
        <Shown asked={asked}>
          {({ entries }) => (
            <Table label="entries" head={['entry', 'factory', 'state', 'last', 'commit']}>
              {entries.map((one) => (
                <tr key={one.path} class={one.path === path ? 'chosen' : ''}>
                  <td>
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
                        <span class="quiet">{ago(one.standing.last.completed_at)}</span>
                      </>
                    )}
                  </td>
                  <td class="number">{one.txn_seq}</td>
                </tr>
              ))}
            </Table>
          )}
        </Shown>
      </Panel>
      {path === null ? null : (
        <One
          key={path}
          {...view}
          path={path}
          standing={asked.value?.entries.find((one) => one.path === path)?.standing ?? null}
        />
      )}
    </>
  );
};

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
          <Table label="outcomes" head={['task', 'state', 'when']}>
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

const Judged = ({ pond, verdict }: { readonly pond: string; readonly verdict: Verdict }) => {
  if (verdict.error !== null) return <Failed failure={verdict.error} />;
  const changed = verdict.commits.filter(({ did_run, would_run }) => did_run !== would_run);
  return (
    <div role="status">
      <p>
        <State state="completed" /> It is right.{' '}
        {verdict.warning === null ? null : <span class="why">{plain(verdict.warning)}</span>}
      </p>
      {verdict.commits.length === 0 ? null : (
        <p class="quiet">
          Of the last {verdict.commits.length} commits it would have followed{' '}
          {verdict.commits.filter(({ would_run }) => would_run).length}.{' '}
          {changed.map(({ txn_seq, would_run }) => (
            <span key={txn_seq}>
              <To href={viewAddress(pond, `commit/${txn_seq}`)}>{txn_seq}</To>{' '}
              {would_run ? 'in addition' : 'no longer'}{' '}
            </span>
          ))}
        </p>
      )}
    </div>
  );
};
