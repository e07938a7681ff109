import { resolve } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';

import { inLines, writeResult } from '../../output.js';
import { openOptions } from '../../pond/with-pond.js';
import { declarePlace, placeGiven } from './place-options.js';

export const command: CommandDefinition = {
  declare: (command) => {
    declarePlace(
      command
        .argument('<url>', 's3://bucket/prefix or file:///directory')
        .argument('<directory>', 'where there is no pond yet'),
    );
  },
  examples: [['replicate s3://my-bucket/pond ~/replica', 'read only; pond pull brings what is new']],
  run: (invocation) => {
    const { given, program, terminal } = invocation;
    const [url = '', directory = ''] = given.operands;

    return pipe(
      program.fetch(resolve(terminal.workingDirectory, directory), placeGiven(given, url), {
        ...openOptions(invocation),
        ...{ as: 'replica', signal: terminal.interrupt },
      }),
      TE.flatMap(({ pondId, version, txnSeq, dataFiles, blobs, contentRoot }) =>
        writeResult(invocation, {
          json: () => ({
            ...{ pond_id: pondId, version, txn_seq: txnSeq, data_files: dataFiles, blobs },
            content_root: contentRoot,
          }),
          text: () =>
            inLines([
              `replicated the pond ${pondId} up to commit ${txnSeq} into ${directory}`,
              `content root ${contentRoot}`,
            ]),
        }),
      ),
    );
  },
};
