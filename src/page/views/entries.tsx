import { useAsked } from '../asking.js';
import { Panel, Shown, State, Table, To } from '../parts/pieces.js';
import { TaskLink } from '../parts/task-link.js';
import { TimeWords } from '../parts/time-words.js';
import { plain } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Entry, Standing } from '../shapes.js';
import { OneEntry } from './one-entry.js';
import type { ViewOf } from './view.js';

type Listed = Entry & { readonly directory: string; readonly standing: Standing | null };

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
        <OneEntry
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
                  <Row key={one.path} pond={pond} entry={one} isChosen={one.path === path} />
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

const Row = ({
  pond,
  entry: { path, factory, standing, txn_seq },
  isChosen,
}: {
  readonly pond: string;
  readonly entry: Listed;
  readonly isChosen: boolean;
}) => {
  const last = standing?.last ?? null;
  return (
    <tr class={isChosen ? 'chosen' : ''}>
      <td class="whole">
        <To href={viewAddress(pond, 'entries', { path })}>{plain(path)}</To>
      </td>
      <td class="quiet">{plain(factory ?? standing?.factory_name ?? '')}</td>
      <td>{last === null ? '' : <State state={last.state} />}</td>
      <td>
        {last === null ? (
          ''
        ) : (
          <>
            <TaskLink pond={pond} task={last.task} />{' '}
            {last.completed_at === null ? null : <TimeWords time={last.completed_at} quiet />}
          </>
        )}
      </td>
      <td class="number named">{txn_seq}</td>
    </tr>
  );
};
