import { addressOf } from '../api.js';
import { useAsked } from '../asking.js';
import type { QueryResult } from '../shapes.js';
import { comparedLines, shortened } from './line-difference.js';
import { Failed, Shown, Table } from './pieces.js';
import type { Head } from './preview.js';
import { cell, plain } from './words.js';

/** Bytes of a text that are compared. */
const COMPARED = 256 * 1024;
/** Lines that are shown. */
const MOST_LINES = 2_000;

interface Compared {
  readonly base: string;
  readonly path: string;
  /** Path in the older state. */
  readonly oldPath?: string | undefined;
  readonly from: number;
  readonly to: number;
}

/** The rows in which a file differs between two states; of what has no rows, its lines. */
export const Difference = (compared: Compared) => {
  const { base, path, from, to } = compared;
  const asked = useAsked<QueryResult & { readonly has_rows: boolean }>(
    addressOf(`${base}/diff/rows`, { path, from, to, limit: 200 }),
  );
  // What cannot be read as rows in one of the states can be compared as text.
  if (asked.failure !== null)
    return (
      <>
        <Failed failure={asked.failure} />
        <TextDifference {...compared} />
      </>
    );
  return (
    <Shown asked={asked}>
      {(found) => (found.has_rows ? <ChangedRows result={found} /> : <TextDifference {...compared} />)}
    </Shown>
  );
};

const ChangedRows = ({ result: { columns, rows, is_cut } }: { readonly result: QueryResult }) => {
  const [, times, ...names] = columns;
  if (rows.length === 0) return <p class="quiet">The same rows, written in another way.</p>;
  return (
    <>
      <Table label="rows that differ" head={['', ...names.map(cell)]}>
        {rows.map(([change, count, ...values], at) => (
          <tr key={at} class={`changed ${cell(change)}`}>
            <td>
              <span class="sign">{change === 'removed' || change === 'before' ? '−' : '+'}</span>
              <span class="heard">{cell(change)}</span>
              {count === 1 ? '' : <span title={cell(times)}> {cell(count)}×</span>}
            </td>
            {values.map((value, column) => (
              <td key={column} class={typeof value === 'number' ? 'number' : ''}>
                {cell(value)}
              </td>
            ))}
          </tr>
        ))}
      </Table>
      {is_cut ? <p class="quiet">These are the first {rows.length}; more rows differ.</p> : null}
    </>
  );
};

const TextDifference = ({ base, path, oldPath = path, from, to }: Compared) => {
  const before = useAsked<Head>(
    addressOf(`${base}/files/head`, { path: oldPath, at: from, bytes: COMPARED }),
  );
  const after = useAsked<Head>(addressOf(`${base}/files/head`, { path, at: to, bytes: COMPARED }));
  const isNew = before.failure?.tag === 'PathNotFound';
  const isGone = after.failure?.tag === 'PathNotFound';
  const failure = (isNew ? null : before.failure) ?? (isGone ? null : after.failure);
  if (failure !== null) return <Failed failure={failure} />;
  if ((before.value === null && !isNew) || (after.value === null && !isGone))
    return (
      <p class="quiet" role="status">
        loading …
      </p>
    );
  const ends = [before.value, after.value];
  if (ends.some((end) => end?.encoding === 'base64'))
    return <p class="quiet">This is not text: only the whole content can be compared.</p>;
  const lines = shortened(comparedLines(before.value?.content ?? '', after.value?.content ?? ''));
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by keys */}
      <pre class="difference" tabIndex={0}>
        {lines.slice(0, MOST_LINES).map((line, at) =>
          typeof line === 'number' ? (
            <span key={at} class="line quiet">
              {`  … ${line} lines as before`}
            </span>
          ) : (
            <span key={at} class={`line ${line.change}`}>
              {`${SIGNS[line.change]} ${plain(line.text.replaceAll('\t', '    '))}`}
            </span>
          ),
        )}
      </pre>
      {lines.length > MOST_LINES || ends.some((end) => end?.is_cut === true) ? (
        <p class="quiet">Only the beginning is compared.</p>
      ) : null}
    </>
  );
};

const SIGNS = { same: ' ', removed: '−', added: '+' } as const;
