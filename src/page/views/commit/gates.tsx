import { Panel, State } from '../../parts/pieces.js';
import { Report } from '../../parts/report.js';
import { duration, plain, plainLines } from '../../parts/words.js';
import type { Gate } from '../../shapes.js';

/** Verdicts of the gates that a commit has passed. */
export const Gates = ({ gates }: { readonly gates: readonly Gate[] }) =>
  gates.length === 0 ? null : (
    <Panel title="Gates">
      {gates.map(({ config_path, factory_name, state, duration_ms, error_message, report }) => (
        <article key={config_path} class={`task ${state}`}>
          <header>
            <State state={state} />
            <span>{plain(config_path)}</span>
            <span class="quiet">
              {plain(factory_name ?? '')} {duration_ms === null ? '' : duration(duration_ms)}
            </span>
          </header>
          {error_message === null ? null : <pre class="why">{plainLines(error_message)}</pre>}
          {report === null || report === undefined ? null : (
            <details>
              <summary>report</summary>
              <Report value={report} />
            </details>
          )}
        </article>
      ))}
    </Panel>
  );
