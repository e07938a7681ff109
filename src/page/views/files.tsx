import { addressOf } from '../api.js';
import { useAsked } from '../asking.js';
import { Panel, Shown, To } from '../parts/pieces.js';
import { plain } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Entry } from '../shapes.js';
import { Directory } from './directory.js';
import { File } from './file.js';
import { Moment } from './moment.js';
import type { ViewOf } from './view.js';
import type { Where } from './where.js';

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
