import { useEffect, useState } from 'preact/hooks';
import { addressOf, bytesOf } from '../api.js';
import { failureOf, useAsked } from '../asking.js';
import type { Entry, Failure, QueryResult } from '../shapes.js';
import { Failed, Shown } from './pieces.js';
import { Rows } from './rows.js';
import { lastName, plain } from './words.js';

const PICTURES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};
/** Bytes of the largest picture that is shown. */
const LARGEST_PICTURE = 20 * 1024 * 1024;
const ROWS = /\.(csv|tsv|json|jsonl|ndjson|parquet)(\.(gz|zst|br))?$/i;

/** Tells whether a content is shown as rows, which can be queried. */
export const hasRows = ({ path, file_type }: Pick<Entry, 'path' | 'file_type'>): boolean =>
  file_type === 'table' || file_type === 'series' || ROWS.test(path);

/** The query for all rows of a content. */
export const allOf = ({ path }: Pick<Entry, 'path'>): string =>
  `SELECT * FROM '${path.replaceAll("'", "''")}'`;

interface Shows {
  readonly base: string;
  readonly entry: Entry;
  readonly at: number | undefined;
}

/** The beginning of a content: rows, a picture, or text. */
export const Preview = (shows: Shows) => {
  const { path, file_type, size } = shows.entry;
  const [, ending = ''] = /\.([A-Za-z0-9]+)$/.exec(path) ?? [];
  const picture = PICTURES[ending.toLowerCase()];
  if (picture !== undefined && (size ?? 0) <= LARGEST_PICTURE) return <Picture {...shows} type={picture} />;
  if (hasRows({ path, file_type })) return <RowsOf {...shows} />;
  return <Text {...shows} />;
};

const RowsOf = (shows: Shows) => {
  const { base, entry, at } = shows;
  const asked = useAsked<QueryResult>(
    addressOf(`${base}/files/rows`, { path: entry.path, at, limit: 2_000 }),
  );
  // What cannot be read as rows can be looked at as it is.
  if (asked.failure !== null)
    return (
      <>
        <Failed failure={asked.failure} />
        <Text {...shows} />
      </>
    );
  return (
    <Shown asked={asked}>
      {(result) => (
        <Rows result={result} name={lastName(entry.path)} source={{ base, sql: allOf(entry), at }} />
      )}
    </Shown>
  );
};

/** The beginning of a content. */
export interface Head {
  readonly encoding: 'utf-8' | 'base64';
  readonly content: string;
  readonly is_cut: boolean;
}

const Text = ({ base, entry, at }: Shows) => {
  const asked = useAsked<Head>(addressOf(`${base}/files/head`, { path: entry.path, at }));
  return (
    <Shown asked={asked}>
      {({ encoding, content, is_cut }) =>
        encoding === 'base64' ? (
          <p class="quiet">This is not text. It can be downloaded.</p>
        ) : (
          <>
            <pre class="content">
              {content
                .split('\n')
                .map((line) => plain(line.replaceAll('\t', '    ')))
                .join('\n')}
            </pre>
            {is_cut ? <p class="quiet">This is its beginning.</p> : null}
          </>
        )
      }
    </Shown>
  );
};

const Picture = ({ base, entry, at, type }: Shows & { readonly type: string }) => {
  const [url, setUrl] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    let made: string | null = null;
    let isGone = false;
    bytesOf(addressOf(`${base}/files/content`, { path: entry.path, at })).then(
      (bytes) => {
        if (isGone) return;
        made = URL.createObjectURL(new Blob([bytes], { type }));
        setUrl(made);
      },
      (thrown) => setFailure(failureOf(thrown)),
    );
    return () => {
      isGone = true;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [base, entry.path, at, type]);
  if (failure !== null) return <Failed failure={failure} />;
  return url === null ? null : <img class="picture" src={url} alt={plain(entry.path)} />;
};
