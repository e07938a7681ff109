import { useState } from 'preact/hooks';
import { addressOf, bytesOf, keepAs } from '../api.js';
import { failureOf, useAsked } from '../asking.js';
import { Difference } from '../parts/difference.js';
import { Failed, Panel, Shown, Table, To } from '../parts/pieces.js';
import { allOf, hasRows, Preview } from '../parts/preview.js';
import { byteSize, lastName, localTime, plain } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Entry, Failure, Version } from '../shapes.js';
import type { Where } from './where.js';

/** Versions that are listed at first. */
const VERSIONS = 50;

/** One file: its facts, what is in it, and its versions. */
export const File = ({
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
  const name = lastName(entry.path);
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
      <Versions pond={pond} base={base} path={entry.path} at={at} />
    </>
  );
};

const Versions = ({ pond, base, path, at }: Where & { readonly base: string }) => {
  const [listed, setListed] = useState(VERSIONS);
  const versions = useAsked<{ readonly total: number; readonly versions: readonly Version[] }>(
    addressOf(`${base}/files/versions`, { path, at, limit: listed }),
  );
  return (
    <Panel title="Versions">
      <Shown asked={versions}>
        {(found) => (
          <>
            <Table label="versions" head={['version', 'commit', 'size', 'when', '']} folds>
              {[...found.versions].reverse().map((one) => (
                <VersionRow key={one.version} pond={pond} base={base} path={path} version={one} />
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
