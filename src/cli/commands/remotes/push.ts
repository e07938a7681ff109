import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { PushedRemote } from '../../../steward/shapes/remote-reports.js';
import type { CommandDefinition } from '../../command.js';
import { bytes, wholeNumber } from '../../option-values.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { byteSize, counted } from '../../words/print-values.js';
import { transferring } from './transfer.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[name]', 'a remote; default: all of them, one after another')
      .option('--max-bytes <n>', 'bytes that today may have, 500MB', bytes)
      .option('--max-requests <n>', 'requests that today may have', wholeNumber)
      .option('--prune', 'also removes what nothing there names any more, after a week');
  },
  examples: [
    ['push', 'what the remotes lack'],
    ['push backup --max-bytes 2GB', 'at most so much today; the rest is sent by the next push'],
  ],
  run: (invocation) => {
    const { given } = invocation;
    const maxBytes = given.number('maxBytes');
    const maxRequests = given.number('maxRequests');
    return pipe(
      invocation,
      withPond((steward) =>
        transferring(invocation, (options) =>
          steward.push(given.operands[0] ?? null, {
            ...options,
            prune: given.flag('prune'),
            ...(maxBytes === undefined ? {} : { maxBytes }),
            ...(maxRequests === undefined ? {} : { maxRequests }),
          }),
        ),
      ),
      TE.flatMap((pushed) =>
        writeResult(invocation, {
          json: () => ({ remotes: pushed.map(document) }),
          text: () => inLines(printableDeep(pushed).map(line)),
        }),
      ),
    );
  },
};

const document = ({
  name,
  url,
  how,
  from,
  version,
  txnSeq,
  entries,
  dataFiles,
  blobs,
  pruned,
  usage,
}: PushedRemote): JsonObject => ({
  name,
  url,
  how,
  from_version: from,
  version,
  txn_seq: txnSeq,
  entries,
  data_files: dataFiles,
  blobs,
  pruned,
  requests: usage.requests,
  bytes_sent: usage.bytesSent,
  bytes_received: usage.bytesReceived,
});

const line = ({ name, how, txnSeq, entries, blobs, pruned, usage }: PushedRemote): string => {
  const cost = `${counted(usage.requests, 'request')}, ${byteSize(usage.bytesSent)} sent`;
  const removed = pruned === 0 ? '' : `; ${counted(pruned, 'object')} removed that nothing names any more`;
  if (how === 'up-to-date') return `${name}: up to date with commit ${txnSeq} (${cost})${removed}`;
  const what = `${counted(entries, 'version')}, ${counted(blobs, 'blob')}`;
  return `${name}: pushed commit ${txnSeq}: ${what} (${cost})${how === 'jumped' ? '; older versions are no longer whole here, so the newest was sent alone' : ''}${removed}`;
};
