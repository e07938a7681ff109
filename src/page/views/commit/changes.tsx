import { useState } from 'preact/hooks';
import { Difference } from '../../parts/difference.js';
import { Panel, To } from '../../parts/pieces.js';
import { plain } from '../../parts/words.js';
import { viewAddress } from '../../routing.js';
import type { Plan } from '../../shapes.js';

/** Paths that a commit changed, and on demand what differs in each. */
export const Changes = ({
  pond,
  seq,
  planned: { changes, changes_total },
  showMore,
}: {
  readonly pond: string;
  readonly seq: number;
  readonly planned: Plan;
  readonly showMore: () => void;
}) => (
  <Panel title="Changes" aside={<span class="quiet">{changes_total}</span>}>
    <ul class="lines">
      {changes.map((change) => (
        <Change key={`${change.kind} ${change.path}`} pond={pond} seq={seq} change={change} />
      ))}
    </ul>
    {changes_total > changes.length ? (
      <button type="button" onClick={showMore}>
        show more
      </button>
    ) : null}
  </Panel>
);

const Change = ({
  pond,
  seq,
  change: { kind, path, from, file_type },
}: {
  readonly pond: string;
  readonly seq: number;
  readonly change: Plan['changes'][number];
}) => {
  const [isShown, setShown] = useState(false);
  const hasContent = /^(file|table|series)(:dynamic)?$/.test(file_type);
  const at = kind === 'deleted' ? seq - 1 : seq;
  return (
    <li class="change">
      <span class={`kind ${kind}`}>{kind}</span>{' '}
      <To href={viewAddress(pond, 'files', { path, at })}>{plain(path)}</To>
      {from === undefined ? null : <span class="quiet"> from {plain(from)}</span>}
      {hasContent && seq > 1 ? (
        <details onToggle={({ currentTarget }) => setShown(currentTarget.open)}>
          <summary aria-label={`what differs in ${plain(path)}`}>what differs</summary>
          {isShown ? (
            <Difference
              base={`/ponds/${encodeURIComponent(pond)}`}
              path={path}
              oldPath={from}
              from={seq - 1}
              to={seq}
            />
          ) : null}
        </details>
      ) : null}
    </li>
  );
};
