import { settlingTasks } from './settling-tasks.js';

export const command = settlingTasks('dismiss', {
  which: 'all its failed tasks',
  examples: [
    ['control dismiss 42.1 --reason "the file was replaced by commit 43"', 'settle one failed task'],
    ['control dismiss 42', 'settle all failed and abandoned tasks of commit 42'],
  ],
});
