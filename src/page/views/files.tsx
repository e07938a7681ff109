import { useEffect, useRef, useState } from 'preact/hooks';
import { addressOf, bytesOf, keepAs } from '../api.js';
import { failureOf, useAsked } from '../asking.js';
import { Difference } from '../parts/difference.js';
import { Failed, Panel, Shown, Table, To } from '../parts/pieces.js';
import { allOf, hasRows, Preview } from '../parts/preview.js';
import { byteSize, localTime, plain } from '../parts/words.js';
import { go, viewAddress } from '../routing.js';
import type { Entry, Failure, Version } from '../shapes.js';
import type { ViewOf } from './view.js';

interface Listing {
  readonly total: number;
  readonly txn_seq: number;
  readonly entries: readonly Entry[];
}

const PAGE = 200;
/** Versions that are listed at first. */
const VERSIONS = 50;

/** The contents of the pond, at any moment of its past. */
export const Files = ({ pond, place, version }: ViewOf) => {
  const base = `/ponds/${encodeURIComponent(pond)}`;
  const path = place.query.get('path') ?? '/';
  const at = Number(place.query.get('at') ?? '') || undefined;
  // What was is not asked for again when something new happens.
  const now = at === undefined ? version : 0;
  const overview = useAsked<{ readonly last_txn_seq: number }>(`${base}/status?limit=1`, version);
  const last = overview.value?.last_txn_seq ?? at ?? 1;
  const entry = useAsked<Entry>(addressOf(`${base}/files/entry`, { path, at }), now);
  return (
    <>
      <Panel title="Files" aside={<Moment key={path} {...{ pond, base, path, at, last }} />}>
        <Crumbs pond={pond} path={path} at={at} />
      </Panel>
      {entry.failure?.tag === 'PathNotFound' && path !== '/' ? (
        <p class="quiet">
          {at === undefined
            ? 'It may have been there before, or have been moved: '
            : 'It may have come later: '}
          <To href={viewAddress(pond, 'files', { path: path.replace(/\/[^/]*$/, '') || '/', at })}>
            what is in the directory
          </To>
          .
        </p>
      ) : null}
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

/** Milliseconds for which the slider stands still before a moment is shown. */
const STILL = 120;

/** Chooses a moment of the past: by a slider, or one commit after another. */
const Moment = ({ pond, base, path, at, last }: Where & { readonly base: string; readonly last: number }) => {
  const [moved, setMoved] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const commit = useAsked<{ readonly started_at: string }>(at === undefined ? null : `${base}/commits/${at}`);
  const shown = moved ?? at ?? last;
  const show = (chosen: number) =>
    go(viewAddress(pond, 'files', { path, at: chosen >= last ? undefined : chosen }), true);
  useEffect(() => () => clearTimeout(timer.current), []);
  // Only a moment that is shown is the slider's own again.
  useEffect(() => setMoved(null), [at]);
  const words = shown >= last ? 'now' : `after commit ${shown}`;
  return (
    <div class="moment">
      <span>
        {words}{' '}
        <span class="quiet">
          {moved === null && at !== undefined ? localTime(commit.value?.started_at ?? null) : ''}
        </span>
      </span>
      <button
        type="button"
        aria-label="one commit earlier"
        disabled={shown <= 1}
        onClick={() => show(shown - 1)}
      >
        ‹
      </button>
      <input
        type="range"
        aria-label="moment"
        min={1}
        max={last}
        value={shown}
        aria-valuetext={words}
        onInput={({ currentTarget }) => {
          const chosen = Number(currentTarget.value);
          setMoved(chosen);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => show(chosen), STILL);
        }}
      />
      <button
        type="button"
        aria-label="one commit later"
        disabled={shown >= last}
        onClick={() => show(shown + 1)}
      >
        ›
      </button>
      <button type="button" disabled={at === undefined} onClick={() => show(last)}>
        now
      </button>
    </div>
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
            <Table label="entries" head={['name', 'type', 'size', 'version', 'commit', 'changed']} folds>
              {entries.map((one) => (
                <tr key={one.path}>
                  <td class="path">
                    <To href={viewAddress(pond, 'files', { path: one.path, at })}>
                      {plain(one.path.split('/').at(-1) ?? '')}
                      {one.file_type.startsWith('directory') ? '/' : ''}
                    </To>
                  </td>
                  <td class="quiet">{plain(one.factory ?? one.file_type)}</td>
                  <td class="number">{one.file_type === 'directory' ? '' : byteSize(one.size)}</td>
                  <td class="number named">{one.version}</td>
                  <td class="number named">
                    {one.txn_seq === 0 ? (
                      ''
                    ) : (
                      <To href={viewAddress(pond, `commit/${one.txn_seq}`)}>{one.txn_seq}</To>
                    )}
                  </td>
                  <td class="when">{localTime(one.timestamp)}</td>
                </tr>
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
              <div class="tools">
                <span class="quiet">{`${offset + 1}–${offset + entries.length} of ${total}`}</span>
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
            ) : null}
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
  const [listed, setListed] = useState(VERSIONS);
  const versions = useAsked<{ readonly total: number; readonly versions: readonly Version[] }>(
    addressOf(`${base}/files/versions`, { path: entry.path, at, limit: listed }),
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
          <>
            {hasRows(entry) ? (
              <To href={viewAddress(pond, 'sql', { sql: `${allOf(entry)} LIMIT 100`, at })}>query</To>
            ) : null}
            <button type="button" onClick={() => void keep()}>
              Download
            </button>
          </>
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
            <>
              <Table label="versions" head={['version', 'commit', 'size', 'when', '']} folds>
                {[...found.versions].reverse().map((one) => (
                  <VersionRow key={one.version} pond={pond} base={base} path={entry.path} version={one} />
                ))}
              </Table>
              {found.total > found.versions.length ? (
                <button type="button" onClick={() => setListed(listed * 5)}>
                  show more of {found.total}
                </button>
              ) : null}
            </>
          )}
        </Shown>
      </Panel>
    </>
  );
};

const VersionRow = ({
  pond,
  base,
  path,
  version: { version, txn_seq, size, timestamp },
}: {
  readonly pond: string;
  readonly base: string;
  readonly path: string;
  readonly version: Version;
}) => {
  const [isShown, setShown] = useState(false);
  return (
    <>
      <tr>
        <td class="number named">
          <To href={viewAddress(pond, 'files', { path, at: txn_seq })}>{version}</To>
        </td>
        <td class="number named">
          <To href={viewAddress(pond, `commit/${txn_seq}`)}>{txn_seq}</To>
        </td>
        <td class="number">{byteSize(size)}</td>
        <td class="when">{localTime(timestamp)}</td>
        <td class="deeds">
          {version > 1 ? (
            <button type="button" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
              what differs
            </button>
          ) : null}
        </td>
      </tr>
      {isShown ? (
        <tr>
          <td colSpan={5} class="whole">
            <Difference base={base} path={path} from={txn_seq - 1} to={txn_seq} />
          </td>
        </tr>
      ) : null}
    </>
  );
};
