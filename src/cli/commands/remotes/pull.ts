import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { counted } from '../../words/print-values.js';
import { declareMaxLog, transferring } from './transfer.js';

export const command: CommandDefinition = {
  declare: (command) => {
    declareMaxLog(command);
  },
  examples: [['pull --pond ~/replica', 'what is new where the replica comes from']],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) => transferring(invocation, steward.pull)),
      TE.flatMap(({ from, version, txnSeq, entries, dataFiles, blobs }) =>
        writeResult(invocation, {
          json: () => ({
            from_version: from,
            version,
            txn_seq: txnSeq,
            entries,
            data_files: dataFiles,
            blobs,
          }),
          text: () =>
            inLines([
              from === version
                ? `up to date with commit ${txnSeq}`
                : `pulled up to commit ${txnSeq}: ${counted(entries, 'version')}, ${counted(blobs, 'blob')}`,
            ]),
        }),
      ),
    ),
};
