import { addressOf } from '../api.js';
import { useAsked } from '../asking.js';
import { Panel, Shown, State, To } from '../parts/pieces.js';
import { TaskCard } from '../parts/task-card.js';
import { TraceLink } from '../parts/trace-link.js';
import { Waterfall } from '../parts/waterfall.js';
import { localTime, plain } from '../parts/words.js';
import { viewAddress } from '../routing.js';
import type { Timeline, TracedTask } from '../shapes.js';
import type { ViewOf } from './view.js';

/** One firing of a schedule: when it was due, what ran for it, in time, and what that said. */
export const Firing = ({ pond, place, version, isReadOnly }: ViewOf) => {
  const firing = place.query.get('firing') ?? '';
  const asked = useAsked<Timeline>(
    addressOf(`/ponds/${encodeURIComponent(pond)}/firings/firing`, { firing }),
    version,
  );
  const [path] = firing.split(/@(?=[^@]*$)/);
  return (
    <Shown asked={asked}>
      {(timeline) => (
        <>
          <Panel
            title={`Firing of ${plain(path ?? '')}`}
            aside={
              <>
                <To href={viewAddress(pond, 'schedules')}>schedules</To>
                {timeline.trace_url === null ? null : <TraceLink url={timeline.trace_url} />}
              </>
            }
          >
            <p class="facts">
              <State state={timeline.status} />
              <span>due {localTime(timeline.due_at ?? null)}</span>
              <span class="quiet">began {localTime(timeline.started_at)}</span>
              <To href={viewAddress(pond, `commit/${timeline.txn_seq}`)}>at commit {timeline.txn_seq}</To>
            </p>
          </Panel>
          <Panel title="In time">
            <Waterfall trace={timeline} />
          </Panel>
          <Panel title="Tasks">
            {timeline.tasks.map((task) => (
              <TaskCard
                key={task.task}
                {...{ pond, task, isReadOnly }}
                isOpen={task.state === 'failed' || task.state === 'started'}
                name={nameOf(task)}
              />
            ))}
          </Panel>
        </>
      )}
    </Shown>
  );
};

/** The entry itself is asked for by its place: its own name stands for all tasks of the firing. */
const nameOf = ({ task }: TracedTask): string => (task.endsWith('Z') ? `${task}.0` : task);
