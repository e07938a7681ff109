import { useState } from 'preact/hooks';
import { addressOf } from '../api.js';
import { useAsked } from '../asking.js';
import { CommitNumber, CommitWords } from '../parts/commit-words.js';
import { Panel, Shown, State, Table } from '../parts/pieces.js';
import { duration, localTime, plainLines } from '../parts/words.js';
import { go, viewAddress } from '../routing.js';
import type { Transaction } from '../shapes.js';
import type { ViewOf } from './view.js';

interface Page {
  readonly transactions: readonly Transaction[];
  readonly next: string | null;
}

/** What of the commits is shown. */
interface Wanted {
  readonly search: string;
  /** `failed`: only those of which something failed. */
  readonly state: string;
  /** Also writes that brought nothing. */
  readonly hasEmpty: boolean;
}

/** Commits, the newest first, by a word, and only those of which something failed; writes that brought nothing only where they are asked for. */
export const Commits = ({ pond, place, version }: ViewOf) => {
  const chosen = (name: string): string => place.query.get(name) ?? '';
  const wanted: Wanted = {
    search: chosen('search'),
    state: chosen('state'),
    hasEmpty: chosen('empty') === 'true',
  };
  const asked = useAsked<Page>(
    addressOf(`/ponds/${encodeURIComponent(pond)}/commits`, {
      search: wanted.search,
      state: wanted.state,
      empty: String(wanted.hasEmpty),
      before: chosen('before'),
      limit: 50,
    }),
    version,
  );
  const show = ({ search, state, hasEmpty }: Wanted, before?: string) =>
    go(viewAddress(pond, 'commits', { search, state, empty: hasEmpty ? 'true' : '', before }));
  return (
    <Panel title="Commits">
      <Choosing wanted={wanted} show={show} />
      <Shown asked={asked}>
        {({ transactions, next }) => (
          <>
            <Table label="commits" head={['commit', 'state', 'tasks', 'command', 'when', 'took']} folds>
              {transactions.map((one) => (
                <Row key={one.txn_id} pond={pond} of={one} />
              ))}
            </Table>
            {transactions.length === 0 ? <p class="quiet">No commit is like that.</p> : null}
            {next === null ? null : (
              <button type="button" onClick={() => show(wanted, next)}>
                older
              </button>
            )}
          </>
        )}
      </Shown>
    </Panel>
  );
};

/** The form that says which commits are shown; a word counts once it is searched for, or a box is ticked. */
const Choosing = ({ wanted, show }: { readonly wanted: Wanted; readonly show: (wanted: Wanted) => void }) => {
  const [search, setSearch] = useState(wanted.search);
  return (
    <form
      class="tools"
      onSubmit={(event) => {
        event.preventDefault();
        show({ ...wanted, search });
      }}
    >
      <label>
        <span class="heard">Search</span>
        <input
          type="search"
          placeholder="number, command, entry, error"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
      </label>
      <button type="submit">Search</button>
      <label>
        <input
          type="checkbox"
          checked={wanted.state === 'failed'}
          onChange={({ currentTarget }) =>
            show({ ...wanted, search, state: currentTarget.checked ? 'failed' : '' })
          }
        />{' '}
        only what failed
      </label>
      <label>
        <input
          type="checkbox"
          checked={wanted.hasEmpty}
          onChange={({ currentTarget }) => show({ ...wanted, search, hasEmpty: currentTarget.checked })}
        />{' '}
        also what brought nothing new
      </label>
    </form>
  );
};

const Row = ({ pond, of: commit }: { readonly pond: string; readonly of: Transaction }) => (
  <tr>
    <td class="number">
      <CommitNumber pond={pond} of={commit} />
    </td>
    <td>
      <State state={commit.status} />
    </td>
    <td class="marks">
      {commit.tasks.map((task) => (
        <State key={task.task} state={task.state} short />
      ))}
    </td>
    <td class="whole rest">
      <CommitWords of={commit} />
      {commit.error_message === null ? null : <div class="why">{plainLines(commit.error_message)}</div>}
    </td>
    <td>
      <time dateTime={commit.started_at}>{localTime(commit.started_at)}</time>
    </td>
    <td class="number">{commit.duration_ms === null ? '' : duration(commit.duration_ms)}</td>
  </tr>
);
