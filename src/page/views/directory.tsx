import { useState } from 'preact/hooks';
import { addressOf } from '../api.js';
import { useAsked } from '../asking.js';
import { Panel, Shown, Table, To } from '../parts/pieces.js';
import { byteSize, lastName, localTime, plain } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Entry } from '../shapes.js';
import type { Where } from './where.js';

interface Listing {
  readonly total: number;
  readonly txn_seq: number;
  readonly entries: readonly Entry[];
}

/** Entries that are listed at once. */
const PAGE = 200;

/** The entries of a directory, by pages, and those with a word in their names. */
export const Directory = ({
  pond,
  base,
  path,
  at,
  version,
}: Where & { readonly base: string; readonly version: number }) => {
  const [search, setSearch] = useState('');
  const [offset, setOffset] = useState(0);
  const asked = useAsked<Listing>(
    addressOf(`${base}/files`, { path, at, search, offset: offset === 0 ? undefined : offset, limit: PAGE }),
    version,
  );
  return (
    <Panel title={path === '/' ? 'In /' : `In ${plain(path)}`}>
      <div class="tools">
        <label>
          <span class="heard">Names</span>
          <input
            type="search"
            placeholder="names with …"
            value={search}
            onChange={({ currentTarget }) => {
              setOffset(0);
              setSearch(currentTarget.value);
            }}
          />
        </label>
      </div>
      <Shown asked={asked}>
        {({ entries, total }) => (
          <>
            <Table label="entries" head={['name', 'type', 'size', 'version', 'commit', 'changed']} folds>
              {entries.map((one) => (
                <EntryRow key={one.path} pond={pond} entry={one} at={at} />
              ))}
            </Table>
            {total === 0 ? (
              <p class="quiet">
                {search === ''
                  ? 'Nothing is in this directory.'
                  : `Nothing in this directory has “${plain(search)}” in its name.`}
              </p>
            ) : null}
            {total > PAGE ? (
              <Pages from={offset} count={entries.length} total={total} goes={setOffset} />
            ) : null}
          </>
        )}
      </Shown>
    </Panel>
  );
};

const EntryRow = ({
  pond,
  entry,
  at,
}: {
  readonly pond: string;
  readonly entry: Entry;
  readonly at: number | undefined;
}) => (
  <tr>
    <td class="path">
      <To href={viewAddress(pond, 'files', { path: entry.path, at })}>
        {plain(lastName(entry.path))}
        {entry.file_type.startsWith('directory') ? '/' : ''}
      </To>
    </td>
    <td class="quiet">{plain(entry.factory ?? entry.file_type)}</td>
    <td class="number">{entry.file_type === 'directory' ? '' : byteSize(entry.size)}</td>
    <td class="number named">{entry.version}</td>
    <td class="number named">
      {entry.txn_seq === 0 ? (
        ''
      ) : (
        <To href={viewAddress(pond, `commit/${entry.txn_seq}`)}>{entry.txn_seq}</To>
      )}
    </td>
    <td class="when">{localTime(entry.timestamp)}</td>
  </tr>
);

/** Which of many entries are shown, and the way to the others. */
const Pages = ({
  from,
  count,
  total,
  goes,
}: {
  readonly from: number;
  readonly count: number;
  readonly total: number;
  readonly goes: (offset: number) => void;
}) => (
  <div class="tools">
    <span class="quiet">{`${from + 1}–${from + count} of ${total}`}</span>
    <button type="button" disabled={from === 0} onClick={() => goes(Math.max(0, from - PAGE))}>
      back
    </button>
    <button type="button" disabled={from + PAGE >= total} onClick={() => goes(from + PAGE)}>
      on
    </button>
  </div>
);
