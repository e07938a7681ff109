import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { VerifiedRemote } from '../../../steward/shapes/remote-reports.js';
import type { CommandDefinition } from '../../command.js';
import { EXIT } from '../../exit-codes.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { counted } from '../../words/print-values.js';
import { declareMaxLog, transferring } from './transfer.js';

export const command: CommandDefinition = {
  declare: (command) => {
    declareMaxLog(command.argument('[name]', 'a remote; default: all, and of a replica where it comes from'));
  },
  examples: [
    ['verify backup', 'up to date, behind by so many commits, or diverged; with both content roots'],
  ],
  run: (invocation) => {
    const { given } = invocation;
    return pipe(
      invocation,
      withPond((steward) =>
        transferring(invocation, (options) => steward.verify(given.operands[0] ?? null, options)),
      ),
      TE.flatMap((verified) =>
        writeResult(
          invocation,
          {
            json: () => ({ remotes: verified.map(document) }),
            text: () => inLines(printableDeep(verified).flatMap(lines)),
          },
          verified.every(isSound) ? EXIT.done : EXIT.failed,
        ),
      ),
    );
  },
};

const isSound = ({ relation, localRoot, remoteRoot, missingBlobs }: VerifiedRemote): boolean =>
  relation !== 'diverged' && localRoot === remoteRoot && missingBlobs.length === 0;

const document = (one: VerifiedRemote): JsonObject => ({
  name: one.name,
  url: one.url,
  relation: one.relation,
  commits: one.commits,
  local_txn_seq: one.localTxnSeq,
  remote_txn_seq: one.remoteTxnSeq,
  local_root: one.localRoot,
  remote_root: one.remoteRoot,
  missing_blobs: one.missingBlobs,
});

const lines = (one: VerifiedRemote): readonly string[] => [
  `${one.name ?? one.url}: ${RELATION[one.relation](one.commits)}`,
  `  content root here   ${one.localRoot ?? '-'}`,
  `  content root there  ${one.remoteRoot ?? '-'}${one.localRoot === one.remoteRoot ? '  (equal)' : '  (NOT equal)'}`,
  ...one.missingBlobs.map((digest) => `  missing there: the blob ${digest}`),
];

const RELATION: Readonly<Record<VerifiedRemote['relation'], (commits: number) => string>> = {
  'up-to-date': () => 'up to date',
  behind: (commits) => `behind by ${counted(commits, 'commit')}`,
  ahead: (commits) => `ahead by ${counted(commits, 'commit')}`,
  diverged: () => 'diverged',
};
