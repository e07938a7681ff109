import type { CommandDefinition } from '../../command.js';

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
    );
  },
  examples: [['replicate s3://my-bucket/pond ~/replica', 'read only; pond pull brings what is new']],
  run: (invocation) => fetchPond(invocation, 'replicated', { as: 'replica' }),
};
