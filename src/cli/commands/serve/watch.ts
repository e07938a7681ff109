import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { intoText, previewDocument } from '../../../documents/watch-document.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { WatchPreview } from '../../../steward/shapes/background-reports.js';
import type { CommandDefinition } from '../../command.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { byteSize, localTime } from '../../words/print-values.js';
import { renderColumns } from '../../words/render-columns.js';

export const command: CommandDefinition = {
  declare: () => undefined,
  examples: [
    ['watch', 'what the watched folders of /etc/watch.d have that would be taken in'],
    ['work --once', 'take it in (see: pond work --help)'],
  ],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) =>
        pipe(
          steward.previewWatches(),
          TE.flatMap((watches) =>
            writeResult(invocation, {
              json: () => ({ pond_id: steward.pondId, watches: watches.map(previewDocument) }),
              text: () => inLines(watches.flatMap((watch) => previewLines(printableDeep(watch)))),
            }),
          ),
        ),
      ),
    ),
};

const previewLines = (preview: WatchPreview): readonly string[] => {
  const { path, words, problem, waiting, unfinished, known, passedOver } = preview;
  const head =
    words === null
      ? path
      : `${path}  ${words.folder}/${words.pattern} to ${intoText(words.into)} as ${words.as}`;
  if (problem !== null) return [head, `  ${problem}`];
  return [
    head,
    ...renderColumns(
      waiting.map(({ path: file, size, modifiedAt, target }) => [
        ...['+', file, target ?? 'would be refused: nothing says what it is'],
        ...[byteSize(size), localTime(modifiedAt)],
      ]),
    ).map((line) => `  ${line}`),
    ...unfinished.map((file) => `  ~ ${file}  was taken in, and is still to be moved or deleted`),
    ...passedOver.map(({ name, why }) => `  - ${name}  ${why}`),
    ...(known > 0 ? [`  ${known} that were dealt with before`] : []),
  ];
};
