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

/** Commits, the newest first, by a word, and only those of which something failed; writes that brought nothing only where they are asked for. */
export const Commits = ({ pond, place, version }: ViewOf) => {
  const chosen = (name: string): string => place.query.get(name) ?? '';
  const [search, state, hasEmpty] = [chosen('search'), chosen('state'), chosen('empty') === 'true'];
  const [typed, setTyped] = useState(search);
  const asked = useAsked<Page>(
    addressOf(`/ponds/${encodeURIComponent(pond)}/commits`, {
      search,
      state,
      empty: String(hasEmpty),
      before: chosen('before'),
      limit: 50,
    }),
    version,
  );
  const show = (query: Readonly<Record<string, string>>) =>
    go(viewAddress(pond, 'commits', { search: typed, state, empty: hasEmpty ? 'true' : '', ...query }));
  return (
    <Panel title="Commits">
      <form
        class="tools"
        onSubmit={(event) => {
          event.preventDefault();
          show({});
        }}
      >
        <label>
          <span class="heard">Search</span>
          <input
            type="search"
            placeholder="number, command, entry, error"
            value={typed}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </label>
        <button type="submit">Search</button>
        <label>
          <input
            type="checkbox"
            checked={state === 'failed'}
            onChange={({ currentTarget }) => show({ state: currentTarget.checked ? 'failed' : '' })}
          />{' '}
          only what failed
        </label>
        <label>
          <input
            type="checkbox"
            checked={hasEmpty}
            onChange={({ currentTarget }) => show({ empty: currentTarget.checked ? 'true' : '' })}
          />{' '}
          also what brought nothing new
        </label>
      </form>
      <Shown asked={asked}>
        {({ transactions, next }) => (
          <>
            <Table label="commits" head={['commit', 'state', 'tasks', 'command', 'when', 'took']} folds>
              {transactions.map((one) => (
                <tr key={one.txn_id}>
                  <td class="number">
                    <CommitNumber pond={pond} of={one} />
                  </td>
                  <td>
                    <State state={one.status} />
                  </td>
                  <td class="marks">
                    {one.tasks.map((task) => (
                      <State key={task.task} state={task.state} short />
                    ))}
                  </td>
                  <td class="whole rest">
                    <CommitWords of={one} />
                    {one.error_message === null ? null : (
                      <div class="why">{plainLines(one.error_message)}</div>
                    )}
                  </td>
                  <td>
                    <time dateTime={one.started_at}>{localTime(one.started_at)}</time>
                  </td>
                  <td class="number">{one.duration_ms === null ? '' : duration(one.duration_ms)}</td>
                </tr>
              ))}
            </Table>
            {transactions.length === 0 ? <p class="quiet">No commit is like that.</p> : null}
            {next === null ? null : (
              <button type="button" onClick={() => show({ search, before: next })}>
                older
              </button>
            )}
          </>
        )}
      </Shown>
    </Panel>
  );
};
