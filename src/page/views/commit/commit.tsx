import { useState } from 'preact/hooks';
import { addressOf } from '../../api.js';
import { useAsked } from '../../asking.js';
import { Failed, Panel, Shown, To } from '../../parts/pieces.js';
import { TaskCard } from '../../parts/task-card.js';
import { Waterfall } from '../../parts/waterfall.js';
import { viewAddress } from '../../routing.js';
import type { Plan, Trace, TracedCommit } from '../../shapes.js';
import type { ViewOf } from '../view.js';
import { Chain } from './chain.js';
import { Changes } from './changes.js';
import { Gates } from './gates.js';
import { Planned } from './planned.js';
import { Summary } from './summary.js';

/** Changes that are listed at first, and how many times as many each time. */
const CHANGES = 100;
const TIMES = 5;
/** Failed and running tasks whose output is shown without being asked for. */
const OPEN = 3;

/** One commit: what it changed, its plan, its tasks in time, what they said, and what it set off. */
export const Commit = ({ pond, place, version, isReadOnly }: ViewOf) => {
  const number = place.rest[0] ?? '';
  const base = `/ponds/${encodeURIComponent(pond)}`;
  const address = `${base}/commits/${encodeURIComponent(number)}`;
  const [listed, setListed] = useState(CHANGES);
  const trace = useAsked<Trace>(address, version);
  const plan = useAsked<Plan>(addressOf(`${address}/plan`, { limit: listed }));
  const status = useAsked<{ readonly last_txn_seq: number }>(`${base}/status?limit=1`, version);
  if (trace.failure !== null && trace.value === null)
    return (
      <>
        <Failed failure={trace.failure} />
        <p>
          <To href={viewAddress(pond, 'commits')}>newest commits</To>
        </p>
      </>
    );
  const last = status.value?.last_txn_seq ?? null;
  return (
    <>
      <Shown asked={trace}>{(commit) => <Summary pond={pond} commit={commit} last={last} />}</Shown>
      <Shown asked={plan}>
        {(planned) => (
          <>
            <Changes
              pond={pond}
              seq={Number(number)}
              planned={planned}
              showMore={() => setListed(listed * TIMES)}
            />
            <Planned planned={planned} traced={trace.value?.tasks ?? []} />
          </>
        )}
      </Shown>
      <Shown asked={trace}>
        {(commit) => (
          <>
            <Gates gates={commit.transaction.gates ?? []} />
            <Tasks pond={pond} commit={commit} isReadOnly={isReadOnly} />
            <Chain pond={pond} commits={commit.derived ?? []} />
          </>
        )}
      </Shown>
    </>
  );
};

/** The tasks of a commit in time, and each by itself. */
const Tasks = ({
  pond,
  commit,
  isReadOnly,
}: {
  readonly pond: string;
  readonly commit: Trace;
  readonly isReadOnly: boolean;
}) =>
  commit.tasks.length === 0 ? null : (
    <>
      <Panel title="In time">
        <Waterfall trace={commit} />
      </Panel>
      <Panel title="Tasks">
        {opened(commit).map(({ task, isOpen }) => (
          <TaskCard key={task.task} {...{ pond, task, isReadOnly, isOpen }} />
        ))}
      </Panel>
    </>
  );

const opened = ({ tasks }: TracedCommit) => {
  let left = OPEN;
  return tasks.map((task) => {
    const isOpen = (task.state === 'failed' || task.state === 'started') && left > 0;
    if (isOpen) left -= 1;
    return { task, isOpen };
  });
};
