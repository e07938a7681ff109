import type { CommandDefinition } from '../../command.js';
import { wholeNumber } from '../../option-values.js';
import { fetchPond } from './fetch-pond.js';
import { declarePlace } from './place-options.js';
import { declareMaxLog } from './transfer.js';

export const command: CommandDefinition = {
  declare: (command) => {
    declareMaxLog(
      declarePlace(
        command
          .argument('<url>', 's3://bucket/prefix or file:///directory')
          .argument('<directory>', 'where there is no pond yet'),
      ),
    ).option('--at <commit>', 'the state after that commit', wholeNumber);
  },
  examples: [
    [
      'restore s3://my-bucket/pond ~/pond',
      'the newest state; compare its content root with that of the original',
    ],
    ['restore file:///media/disk/pond ~/pond --at 41', 'the state after commit 41'],
  ],
  run: (invocation) => {
    const at = invocation.given.number('at');
    return fetchPond(invocation, 'restored', { as: 'pond', ...(at === undefined ? {} : { at }) });
  },
};
