import { Panel, State, To } from '../../parts/pieces.js';
import { commandHere, lastName, plain } from '../../parts/words.js';
import { viewAddress } from '../../routing.js';
import type { TracedCommit } from '../../shapes.js';

/** Commits that were made inside the tasks, each under the task that made it. */
export const Chain = ({
  pond,
  commits,
}: {
  readonly pond: string;
  readonly commits: readonly TracedCommit[];
}) =>
  commits.length === 0 ? null : (
    <Panel title="Chain">
      <ul class="lines">
        {commits.map((one) => {
          const depth = one.caused_by?.length ?? 1;
          const inner = one.caused_by?.at(-1);
          return (
            <li key={one.txn_seq} class={`depth-${Math.min(depth, 6)}`}>
              <State state={one.status} short />{' '}
              <To href={viewAddress(pond, `commit/${one.txn_seq}`)}>{one.txn_seq}</To>{' '}
              {inner === undefined ? null : (
                <span class="quiet">
                  inside {plain(inner.task ?? '')} ({plain(inner.config_path)})
                </span>
              )}{' '}
              <code>{commandHere(one.cli_args)}</code>{' '}
              {one.tasks.map(({ task, state, config_path }) => (
                <span key={task} class="set-off">
                  <State state={state} short /> {plain(lastName(config_path))}
                </span>
              ))}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
