import { Panel } from '../../parts/pieces.js';
import { PlanGraph } from '../../parts/plan-graph.js';
import { plain, plainLines } from '../../parts/words.js';
import type { Plan, Trace } from '../../shapes.js';

/** The plan of a commit as a graph, with what could not be planned, and what was left out. */
export const Planned = ({
  planned: { tasks, rejected, skipped },
  traced,
}: {
  readonly planned: Plan;
  readonly traced: Trace['tasks'];
}) => (
  <Panel title="Plan">
    <PlanGraph tasks={tasks} traced={traced} />
    {rejected.map(({ path, errors }) => (
      <p key={path} class="why">
        rejected: {plainLines(errors.join('\n'))}
      </p>
    ))}
    {skipped.length === 0 ? null : (
      <details>
        <summary>{skipped.length} left out</summary>
        <ul class="lines">
          {skipped.map(({ path, reason }) => (
            <li key={path}>
              {plain(path)} <span class="quiet">{plain(reason)}</span>
            </li>
          ))}
        </ul>
      </details>
    )}
  </Panel>
);
