import { viewAddress } from '../routing.js';
import { To } from './pieces.js';
import { plain } from './words.js';

/** Address of the view that shows a task, `42.1`, or one of a firing, `PATH@TIME.1`. */
export const taskAddress = (pond: string, task: string): string => {
  const [, firing] = /^(\/.*@[^@/]*Z)(?:\.\d+)?$/.exec(task) ?? [];
  return firing === undefined
    ? viewAddress(pond, `commit/${task.split('.')[0]}`)
    : viewAddress(pond, 'firing', { firing });
};

/** A task by its number; one of a firing by its time. */
export const TaskLink = ({ pond, task }: { readonly pond: string; readonly task: string }) => (
  <To href={taskAddress(pond, task)}>
    {plain(task.startsWith('/') ? (task.split('@').at(-1) ?? task) : task)}
  </To>
);
