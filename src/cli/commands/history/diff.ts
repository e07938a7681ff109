import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { differenceDocument } from '../../../documents/difference-document.js';
import type { Json } from '../../../domain/documents/json.js';
import { type PondPath, ROOT } from '../../../domain/paths/pond-path.js';
import { printableDeep } from '../../../domain/text/printable.js';
import { type Steps, steps } from '../../../effects/steps.js';
import type { Comparison } from '../../../steward/shapes/comparisons.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { renderDifferences } from '../../history/render-differences.js';
import { type RowDifferences, rowDifferences } from '../../history/row-differences.js';
import { pondPath } from '../../line/pond-paths.js';
import { commaList } from '../../option-values.js';
import { inLines, writeResult } from '../../output.js';
import { STATE_WORDS, transactionAt } from '../../pond/read-at.js';
import { withPond } from '../../pond/with-pond.js';
import { declareMemoryLimit } from '../../query/memory-limit.js';
import { rowWriter } from '../../query/render-rows.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<from>', `the older state: ${STATE_WORDS}`)
      .argument('[to]', 'the newer state; default: latest')
      .argument('[path]', 'only what is at or below it; may stand in the place of [to]')
      .option('--rows', 'also the rows that differ, of CSV, JSON, Parquet, tables and series')
      .option('--key <columns>', 'with --rows: columns, between commas, that name a row', commaList)
      .option('--exit-code', 'end with 1 where there is a difference');
    declareMemoryLimit(command);
  },
  examples: [
    ['diff 41 42', 'what commit 42 changed: entries added, removed, changed, renamed'],
    ['diff 2026-11-01 /in', 'what has become of /in since that day'],
    ['diff 41 42 /in/a.csv --rows --key station,date', 'the rows that differ, paired by a key'],
  ],
  run: (invocation) =>
    pipe(
      TE.fromEither(operandsOf(invocation)),
      TE.flatMap(({ from, to, path }) =>
        pipe(
          pondPath(path),
          TE.flatMap((root) =>
            pipe(
              invocation,
              withPond((steward) => compared(invocation, steward, { from, to, root })),
            ),
          ),
        ),
      ),
    ),
};

interface Operands {
  readonly from: string;
  readonly to: string;
  readonly path: string;
}

/** A path is told by its first character, so the newer state may be left out before it. */
const operandsOf = ({ given }: Invocation) => {
  const paths = given.operands.filter((operand) => operand.startsWith('/'));
  const [from, to = 'latest', ...rest] = given.operands.filter((operand) => !operand.startsWith('/'));
  if (from === undefined || rest.length > 0 || paths.length > 1)
    return { _tag: 'Left', left: usage('which states?', 'pond diff 41 42 /in') } as const;
  if (given.list('key').length > 0 && !given.flag('rows'))
    return { _tag: 'Left', left: usage('--key goes with --rows') } as const;
  return { _tag: 'Right', right: { from, to, path: paths[0] ?? ROOT } satisfies Operands } as const;
};

const compared = (
  invocation: Invocation,
  steward: Steward,
  { from, to, root }: Omit<Operands, 'path'> & { readonly root: PondPath },
): TE.TaskEither<CliError, ExitCode> =>
  steps(async (s) => {
    const older = await s.run(transactionAt(invocation, steward, from));
    const newer = await s.run(transactionAt(invocation, steward, to));
    const last = older === undefined || newer === undefined ? await s.run(steward.status()) : null;
    const comparison = await s.run(
      steward.compare({
        from: older ?? last?.lastTxnSeq ?? 0,
        path: root,
        ...(newer === undefined ? {} : { to: newer }),
      }),
    );
    // A path in neither state is misspelt rather than equal in both.
    if (comparison.differences.length === 0 && root !== ROOT)
      await s.run(steward.read(({ fs }) => fs.lstat(root), { operation: 'diff', at: comparison.to }));
    const code =
      invocation.given.flag('exitCode') && comparison.differences.length > 0 ? EXIT.failed : EXIT.done;
    if (!invocation.given.flag('rows')) return s.run(writeResult(invocation, entriesOnly(comparison), code));
    return withRows(s, invocation, steward, comparison, code);
  });

const entriesOnly = (comparison: Comparison) => ({
  json: () => ({
    from: comparison.from,
    to: comparison.to,
    differences: comparison.differences.map(differenceDocument),
  }),
  text: () => inLines(renderDifferences(printableDeep(comparison.differences))),
});

/** Text is written file by file, so that no result has to fit in memory; a document is written when it is whole. */
const withRows = async (
  s: Steps<CliError>,
  invocation: Invocation,
  steward: Steward,
  comparison: Comparison,
  code: ExitCode,
): Promise<ExitCode> => {
  const { terminal, options } = invocation;
  const documents: Json[] = [];
  for (const difference of comparison.differences) {
    const lines = renderDifferences(printableDeep([difference]));
    if (!options.json) await terminal.writeOut(inLines(lines));
    const found: RowDifferences | null = await s.run(
      rowDifferences(invocation, steward, comparison, difference, async (answer) => {
        const writer = rowWriter(options.json ? 'json' : 'table', answer.columns);
        const held: string[] = [writer.begin];
        for await (const rows of answer.batches) {
          const text = writer.batch(rows);
          if (options.json) held.push(text);
          else await terminal.writeOut(text);
        }
        if (!options.json) return { rows: [] };
        return { rows: JSON.parse([...held, writer.end()].join('')) };
      }),
    );
    documents.push({
      ...differenceDocument(difference),
      ...(found === null ? {} : { rows: found.rows }),
    });
  }
  if (!options.json) return code;
  return s.run(
    writeResult(
      invocation,
      {
        json: () => ({ from: comparison.from, to: comparison.to, differences: documents }),
        text: () => '',
      },
      code,
    ),
  );
};
