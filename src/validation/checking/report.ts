import type { Json, JsonObject } from '../../domain/documents/json.js';
import { type FileVerdict, isBroken, isWarned, type RuleOutcome } from './verdict.js';

/** Rows that were moved out of a file. */
export interface Quarantined {
  readonly path: string;
  readonly rows: number;
  /** Path where they are now. */
  readonly to: string;
  /** Rules that they break, in words. */
  readonly rules: readonly string[];
}

/** Bytes that a report has at most, so that it can be kept whole. */
const MOST_BYTES = 60 * 1024;

/** The report of a validation: each rule with its value and what breaks it. Too long ones lose rows first, then what passed. */
export const validationReport = (
  verdicts: readonly FileVerdict[],
  quarantined: readonly Quarantined[] = [],
  unchecked: readonly string[] = [],
): JsonObject => {
  for (const detail of DETAILS) {
    const report = reportOf(verdicts, quarantined, unchecked, detail);
    if (Buffer.byteLength(JSON.stringify(report)) <= MOST_BYTES) return report;
  }
  const { files: _, ...counts } = reportOf(verdicts, [], [], { rows: 0, passed: false, files: 0 });
  return { ...counts, files: [], cut: true };
};

interface Detail {
  readonly rows: number;
  readonly passed: boolean;
  /** Files that are shown. */
  readonly files: number;
}

const DETAILS: readonly Detail[] = [
  { rows: 5, passed: true, files: Number.POSITIVE_INFINITY },
  { rows: 1, passed: true, files: Number.POSITIVE_INFINITY },
  { rows: 1, passed: false, files: 100 },
  { rows: 0, passed: false, files: 20 },
];

const reportOf = (
  verdicts: readonly FileVerdict[],
  quarantined: readonly Quarantined[],
  unchecked: readonly string[],
  { rows, passed, files }: Detail,
): JsonObject => {
  const outcomes = verdicts.flatMap((verdict) => verdict.outcomes);
  // Those with faults come first: they are what a report is read for.
  const ordered = [...verdicts].sort((a, b) => faultsOf(b) - faultsOf(a));
  return {
    failed: outcomes.filter(isBroken).length,
    warnings: outcomes.filter(isWarned).length,
    passed: outcomes.filter((outcome) => outcome.passed).length,
    ...(quarantined.length === 0
      ? {}
      : { quarantined: quarantined.slice(0, 100).map((moved): Json => ({ ...moved })) }),
    ...(unchecked.length === 0 ? {} : { not_checked: unchecked.slice(0, 100) }),
    files: ordered.slice(0, files).map((verdict) => ({
      path: verdict.path,
      rows: verdict.rows,
      checks: verdict.outcomes
        .filter((outcome) => passed || !outcome.passed)
        .map((outcome) => outcomeDocument(outcome, rows)),
    })),
    ...(verdicts.length > files ? { files_left_out: verdicts.length - files } : {}),
  };
};

const faultsOf = ({ outcomes }: FileVerdict): number => (outcomes.some(isBroken) ? 1 : 0);

const outcomeDocument = (outcome: RuleOutcome, rows: number): JsonObject => ({
  name: outcome.name,
  rule: outcome.rule,
  column: outcome.column,
  severity: outcome.severity,
  result: outcome.passed ? 'passed' : 'failed',
  value: outcome.value,
  limit: outcome.limit,
  ...(outcome.passed ? {} : { message: outcome.message }),
  ...(outcome.failingRows.length === 0 || rows === 0
    ? {}
    : {
        failing_rows: outcome.failingRows.slice(0, rows).map(({ row, values }): Json => ({ row, values })),
      }),
});

/** Lines that are shown, at most. */
const MOST_LINES = 20;

/** Returns the rules that are broken, one line each: `/in/a.csv: temp_max: 3 values are above 60 (max), first 99.1 in row 7`. */
export const faultsInWords = (verdicts: readonly FileVerdict[]): string => {
  const lines = verdicts.flatMap(({ path, outcomes }) =>
    outcomes.filter(isBroken).map(({ message }) => `${path}: ${message}`),
  );
  const more = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
};

/** The same of what is only warned of. */
export const warningsInWords = (verdicts: readonly FileVerdict[]): readonly string[] =>
  verdicts.flatMap(({ path, outcomes }) =>
    outcomes.filter(isWarned).map(({ message }) => `${path}: ${message}`),
  );
