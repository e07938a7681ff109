import { useState } from 'preact/hooks';
import { addressOf, bytesOf, keepAs } from '../api.js';
import { failureOf, useAsked } from '../asking.js';
import { Failed, Panel, Shown, Table, To } from '../parts/pieces.js';
import { Preview } from '../parts/preview.js';
import { byteSize, localTime, plain } from '../parts/words.js';
import { go, viewAddress } from '../routing.js';
import type { Entry, Failure, Overview, Version } from '../shapes.js';
import type { ViewOf } from './view.js';

interface Listing {
  readonly total: number;
  readonly txn_seq: number;
  readonly entries: readonly Entry[];
}

const PAGE = 200;

/** The contents of the pond, at any moment of its past. */
export const Files = ({ pond, place, version }: ViewOf) => {
  const base = `/ponds/${encodeURIComponent(pond)}`;
  const path = place.query.get('path') ?? '/';
  const at = Number(place.query.get('at') ?? '') || undefined;
  // What was is not asked for again when something new happens.
  const now = at === undefined ? version : 0;
  const overview = useAsked<Overview>(`${base}/overview`, version);
  const last = overview.value?.last_txn_seq ?? at ?? 1;
  const entry = useAsked<Entry>(addressOf(`${base}/files/entry`, { path, at }), now);
  return (
    <>
      <Panel title="Files" aside={<Crumbs pond={pond} path={path} at={at} />}>
        <label class="moment">
          <span>{at === undefined ? 'now' : `after commit ${at}`}</span>
          <input
            type="range"
            min={1}
            max={last}
            value={at ?? last}
            aria-valuetext={at === undefined ? 'now' : `after commit ${at}`}
            onInput={({ currentTarget }) => {
              const chosen = Number(currentTarget.value);
              go(viewAddress(pond, 'files', { path, at: chosen >= last ? undefined : chosen }), true);
            }}
          />
        </label>
      </Panel>
      <Shown asked={entry}>
        {(found) =>
          found.file_type.startsWith('directory') ? (
            <Directory key={path} pond={pond} base={base} path={path} at={at} version={now} />
          ) : (
            <File key={`${path} ${found.version}`} pond={pond} base={base} entry={found} at={at} />
          )
        }
      </Shown>
    </>
  );
};

interface Where {
  readonly pond: string;
  readonly path: string;
  readonly at: number | undefined;
}

const Crumbs = ({ pond, path, at }: Where) => {
  const names = path.split('/').filter((name) => name !== '');
  return (
    <nav aria-label="path" class="crumbs">
      <To href={viewAddress(pond, 'files', { at })}>/</To>
      {names.map((name, index) => (
        <To
          key={index}
          href={viewAddress(pond, 'files', { path: `/${names.slice(0, index + 1).join('/')}`, at })}
        >
          {plain(name)}
          {index < names.length - 1 ? '/' : ''}
        </To>
      ))}
    </nav>
  );
};

const Directory = ({
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
            <Table label="entries" head={['name', 'type', 'size', 'version', 'commit', 'changed']}>
              {entries.map((one) => (
                <tr key={one.path}>
                  <td>
                    <To href={viewAddress(pond, 'files', { path: one.path, at })}>
                      {plain(one.path.split('/').at(-1) ?? '')}
                      {one.file_type.startsWith('directory') ? '/' : ''}
                    </To>
                  </td>
                  <td class="quiet">{plain(one.factory ?? one.file_type)}</td>
                  <td class="number">{byteSize(one.size)}</td>
                  <td class="number">{one.version}</td>
                  <td class="number">
                    {one.txn_seq === 0 ? (
                      ''
                    ) : (
                      <To href={viewAddress(pond, `commit/${one.txn_seq}`)}>{one.txn_seq}</To>
                    )}
                  </td>
                  <td>{localTime(one.timestamp)}</td>
                </tr>
              ))}
            </Table>
            <div class="tools">
              <span class="quiet">
                {total === 0 ? 'nothing' : `${offset + 1}–${offset + entries.length} of ${total}`}
              </span>
              <button
                type="button"
                disabled={offset === 0}
                onClick={() => setOffset(Math.max(0, offset - PAGE))}
              >
                back
              </button>
              <button
                type="button"
                disabled={offset + PAGE >= total}
                onClick={() => setOffset(offset + PAGE)}
              >
                on
              </button>
            </div>
          </>
        )}
      </Shown>
    </Panel>
  );
};

const File = ({
  pond,
  base,
  entry,
  at,
}: {
  readonly pond: string;
  readonly base: string;
  readonly entry: Entry;
  readonly at: number | undefined;
}) => {
  const [failure, setFailure] = useState<Failure | null>(null);
  const versions = useAsked<{ readonly versions: readonly Version[] }>(
    addressOf(`${base}/files/versions`, { path: entry.path, at }),
  );
  const name = entry.path.split('/').at(-1) ?? 'file';
  const keep = async () => {
    try {
      keepAs(name, await bytesOf(addressOf(`${base}/files/content`, { path: entry.path, at })));
    } catch (thrown) {
      setFailure(failureOf(thrown));
    }
  };
  return (
    <>
      <Panel
        title={plain(name)}
        aside={
          <button type="button" onClick={() => void keep()}>
            Download
          </button>
        }
      >
        {failure === null ? null : <Failed failure={failure} />}
        <p class="quiet">
          {plain(entry.factory ?? entry.file_type)} · version {entry.version} · {byteSize(entry.size)} ·{' '}
          <To href={viewAddress(pond, `commit/${entry.txn_seq}`)}>commit {entry.txn_seq}</To>
        </p>
        <Preview base={base} entry={entry} at={at} />
      </Panel>
      <Panel title="Versions">
        <Shown asked={versions}>
          {(found) => (
            <Table label="versions" head={['version', 'commit', 'size', 'when']}>
              {[...found.versions].reverse().map((one) => (
                <tr key={one.version}>
                  <td class="number">
                    <To href={viewAddress(pond, 'files', { path: entry.path, at: one.txn_seq })}>
                      {one.version}
                    </To>
                  </td>
                  <td class="number">
                    <To href={viewAddress(pond, `commit/${one.txn_seq}`)}>{one.txn_seq}</To>
                  </td>
                  <td class="number">{byteSize(one.size)}</td>
                  <td>{localTime(one.timestamp)}</td>
                </tr>
              ))}
            </Table>
          )}
        </Shown>
      </Panel>
    </>
  );
};
