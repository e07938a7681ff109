import { useEffect, useState } from 'preact/hooks';
import { addressOf, post } from '../api.js';
import { useAsked } from '../asking.js';
import { useChecking } from '../checking.js';
import { ConfigurationText } from '../parts/configuration-text.js';
import { Judged } from '../parts/judged.js';
import { Deed, Failed, Panel, State, Table } from '../parts/pieces.js';
import { TaskLink } from '../parts/task-link.js';
import { localTime, plain } from '../parts/words.js';
import type { Failure, Standing } from '../shapes.js';
import type { ViewOf } from './view.js';

interface Configuration {
  readonly path: string;
  readonly factory: string | null;
  readonly text: string;
  readonly sha256: string | null;
}

/** One entry: running it now, its configuration, which may be changed, and its last outcomes. */
export const OneEntry = ({
  pond,
  path,
  version,
  isReadOnly,
  standing,
}: ViewOf & { readonly path: string; readonly standing: Standing | null }) => {
  const base = `/ponds/${encodeURIComponent(pond)}`;
  const editing = useEditing(base, path, version);
  return (
    <>
      <Panel
        title={plain(path)}
        aside={
          <Deed
            name="Run now"
            isOff={isReadOnly || editing.stored === null || path.startsWith('/etc/watch.d/')}
            says={<p>Runs {plain(path)} once, now, at the newest commit, whatever its conditions are.</p>}
            does={() => post(`${base}/run`, { path })}
          />
        }
      >
        {editing.failure === null ? null : <Failed failure={editing.failure} />}
        <Editor pond={pond} base={base} path={path} isReadOnly={isReadOnly} editing={editing} />
      </Panel>
      {standing === null ? null : <LastOutcomes pond={pond} standing={standing} />}
    </>
  );
};

/** A configuration as the pond has it, and as it is edited. */
interface Editing {
  /** The configuration in the pond, as far as that is known. */
  readonly stored: Configuration | null;
  readonly failure: Failure | null;
  /** Null: it is not known yet. */
  readonly edited: Configuration | null;
  readonly edit: (edited: Configuration | null) => void;
  readonly keep: () => Promise<void>;
}

const useEditing = (base: string, path: string, version: number): Editing => {
  const [kept, setKept] = useState(0);
  const { value: stored, failure } = useAsked<Configuration>(
    addressOf(`${base}/entries/configuration`, { path }),
    version + kept,
  );
  const [edited, edit] = useState<Configuration | null>(null);
  // What is being edited stays, whatever happens meanwhile: keeping it says whether somebody else has changed it.
  useEffect(() => {
    if (stored !== null) edit((before) => before ?? stored);
  }, [stored]);
  const keep = async () => {
    if (edited === null) return;
    await post(`${base}/entries`, { ...given(path, edited), sha256: edited.sha256 });
    edit(null);
    setKept(kept + 1);
  };
  return { stored, failure, edited, edit, keep };
};

/** A configuration as the interface takes it. */
const given = (path: string, { text, factory }: Configuration) => ({
  path,
  text,
  ...(factory === null ? {} : { factory }),
});

const Editor = ({
  pond,
  base,
  path,
  isReadOnly,
  editing: { stored, edited, edit, keep },
}: {
  readonly pond: string;
  readonly base: string;
  readonly path: string;
  readonly isReadOnly: boolean;
  readonly editing: Editing;
}) => {
  const { verdict, failure, check, forget } = useChecking(base);
  const [last, setLast] = useState(10);
  const isChanged = edited !== null && stored !== null && edited.text !== stored.text;
  const change = (to: Configuration | null) => {
    forget();
    edit(to);
  };
  return (
    <>
      {edited === null ? null : (
        <ConfigurationText
          text={edited.text}
          most={30}
          isReadOnly={isReadOnly}
          takes={(text) => change({ ...edited, text })}
        />
      )}
      {edited === null || isReadOnly ? null : (
        <div class="tools">
          <button type="button" onClick={() => void check({ ...given(path, edited), last })}>
            Check
          </button>
          {path.startsWith('/etc/system.d/') ? <Against last={last} takes={setLast} /> : null}
          <Deed
            name="Keep"
            isOff={!isChanged}
            says={
              <p>
                Makes one commit that changes {plain(path)}. It sets off nothing; the commits after it do.
              </p>
            }
            does={keep}
          />
          {isChanged ? (
            <button type="button" onClick={() => change(stored)}>
              Undo
            </button>
          ) : null}
        </div>
      )}
      {failure === null ? null : <Failed failure={failure} />}
      {verdict === null ? null : <Judged pond={pond} verdict={verdict} />}
    </>
  );
};

/** Number of commits that a configuration is held against. */
const Against = ({ last, takes }: { readonly last: number; readonly takes: (last: number) => void }) => (
  <label class="quiet">
    against the last{' '}
    <select value={last} onChange={({ currentTarget }) => takes(Number(currentTarget.value))}>
      {[10, 50, 100].map((many) => (
        <option key={many} value={many}>
          {many}
        </option>
      ))}
    </select>{' '}
    commits
  </label>
);

const LastOutcomes = ({ pond, standing }: { readonly pond: string; readonly standing: Standing }) => (
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
);
