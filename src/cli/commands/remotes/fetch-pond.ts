import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FetchOptions } from '../../../steward/shapes/transfer-options.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { inLines, writeResult } from '../../output.js';
import { openOptions, placeNamed } from '../../pond/with-pond.js';
import { placeGiven } from './place-options.js';
import { transferring } from './transfer.js';

/** Fetches the pond at the URL of the command line into the directory there, and tells what is there then. */
export const fetchPond = (
  invocation: Invocation,
  verb: string,
  options: Pick<FetchOptions, 'as' | 'at'>,
): ReturnType<CommandDefinition['run']> => {
  const { given, program, terminal } = invocation;
  const [url = '', directory = ''] = given.operands;
  return pipe(
    transferring(invocation, (transfer) =>
      program.fetch(placeNamed(terminal, directory), placeGiven(given, url), {
        ...openOptions(invocation),
        ...options,
        ...transfer,
      }),
    ),
    TE.flatMap(({ pondId, version, txnSeq, dataFiles, blobs, contentRoot }) =>
      writeResult(invocation, {
        json: () => ({
          pond_id: pondId,
          version,
          txn_seq: txnSeq,
          data_files: dataFiles,
          blobs,
          content_root: contentRoot,
        }),
        text: () =>
          inLines([
            `${verb} the pond ${pondId} up to commit ${txnSeq} into ${directory}`,
            `content root ${contentRoot}`,
          ]),
      }),
    ),
  );
};
