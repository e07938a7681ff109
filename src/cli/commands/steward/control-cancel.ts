import { isUnfinished } from '../../../documents/task-ends.js';
import { printTaskId } from '../../../domain/plans/task-id.js';
import { settlingTasks } from './settling-tasks.js';

export const command = settlingTasks('cancel', {
  which: 'all its unfinished tasks',
  examples: [
    [
      'control cancel 42.1 --reason "it would never end"',
      'end one task, wherever it runs, or see that it does not begin',
    ],
    ['control cancel 42', 'end all that is unfinished of commit 42'],
  ],
  isOpen: isUnfinished,
  stillOpen: (task) =>
    `pond: ${printTaskId(task)} is to end, and its process has not ended it yet; that will be recorded, also where the process dies\n`,
});
