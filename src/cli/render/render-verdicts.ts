import { type FileVerdict, isBroken, isWarned, type RuleOutcome } from '../../validation/checking/verdict.js';
import type { Paint } from '../words/paint.js';
import { counted } from '../words/print-values.js';

/** Renders the verdicts about rules: a block per file, first what is broken, with the rows that break it. */
export const renderVerdicts = (
  verdicts: readonly FileVerdict[],
  unchecked: readonly string[],
  paint: Paint,
): readonly string[] => [
  ...verdicts.flatMap((verdict) => renderVerdict(verdict, paint)),
  ...unchecked.map((name) => `not checked: ${name}`),
];

const renderVerdict = ({ path, rows, outcomes }: FileVerdict, paint: Paint): readonly string[] => {
  const broken = outcomes.filter(isBroken);
  const warned = outcomes.filter(isWarned);
  const passed = outcomes.length - broken.length - warned.length;
  const counts = [`${broken.length} broken`, `${warned.length} warned of`, `${passed} kept`].join(', ');
  return [
    `${path}${rows === null ? '' : `, ${counted(rows, 'row')}`}: ${counts}`,
    ...broken.flatMap((outcome) => [`  ${paint.bad('✗')} ${outcome.message}`, ...failingRows(outcome)]),
    ...warned.flatMap((outcome) => [`  ! ${outcome.message}`, ...failingRows(outcome)]),
  ];
};

const failingRows = ({ failingRows: rows }: RuleOutcome): readonly string[] =>
  rows.map(({ row, values }) => `      row ${row}: ${JSON.stringify(values)}`);
