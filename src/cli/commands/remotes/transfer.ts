import type { Command } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { LogReadingOptions, TransferProgress } from '../../../steward/shapes/transfer-options.js';
import type { Invocation } from '../../command.js';
import { bytes } from '../../option-values.js';
import { byteSize, counted } from '../../words/print-values.js';
import { startProgressWords } from '../../words/progress-words.js';

/** Declares how much is read of the log of a remote. */
export const declareMaxLog = (command: Command): Command =>
  command.option('--max-log <n>', 'bytes that its log entries may have, 2GB; default 256MiB', bytes);

/** Runs what transfers something, with a line on a terminal that says how far it is, until it is interrupted. */
export const transferring = <E, A>(
  { given, program, terminal }: Invocation,
  work: (options: LogReadingOptions) => TE.TaskEither<E, A>,
): TE.TaskEither<E, A> => {
  const progress = startProgressWords(terminal, program.clock);
  const maxLogBytes = given.number('maxLog');
  return pipe(
    work({
      ...(maxLogBytes === undefined ? {} : { maxLogBytes }),
      signal: terminal.interrupt,
      onProgress: (transfer) => progress.say(progressLine(transfer)),
    }),
    TE.tapIO(() => progress.end),
    TE.tapError(() => TE.fromIO(progress.end)),
  );
};

const progressLine = ({ url, usage, step }: TransferProgress): string => {
  const { requests, bytesSent, bytesReceived } = usage;
  const moved = [
    ...(bytesSent > 0 ? [`${byteSize(bytesSent)} sent`] : []),
    ...(bytesReceived > 0 ? [`${byteSize(bytesReceived)} received`] : []),
  ];
  const used = [counted(requests, 'request'), ...moved].join(', ');
  if (step === null) return `${url}: ${used}`;
  const far =
    step.unit === 'version'
      ? `version ${step.done} of ${step.total}`
      : `${byteSize(step.done)} of ${byteSize(step.total)}`;
  return `${far} (${used}) ${url}`;
};
