import { isLeft } from 'fp-ts/lib/Either.js';
import { parseLocatedYaml } from '../../domain/documents/yaml-document.js';
import type { EntryError } from '../../domain/plans/plan.js';
import { entryProblems, printProblem } from '../describe-plan.js';

/** An entry's error in words, one for each key, with the line that it is about. */
export interface LocatedError {
  readonly file: string;
  /** Line, from 1; null where no one line is to blame, or the bytes are not at hand. */
  readonly line: number | null;
  /** The way to the value, `config.run[0]`; null where it is not about one key. */
  readonly key: string | null;
  /** Names the file and the key, too. */
  readonly message: string;
}

/** Finds the lines of an error in the configurations' bytes. Lines are not part of a plan: they are found when it is shown. */
export const locateError = (
  path: string,
  error: EntryError,
  sources: ReadonlyMap<string, Uint8Array>,
): readonly LocatedError[] =>
  entryProblems(path, error).map((problem) => {
    const { file, key } = problem;
    const lines = linesOf(sources.get(file));
    const line = key === null ? lines.ofProblem : lines.ofKey(key);
    return { file, line, key, message: printProblem(problem, line) };
  });

interface Lines {
  readonly ofProblem: number | null;
  readonly ofKey: (key: string) => number | null;
}

const linesOf = (bytes: Uint8Array | undefined): Lines => {
  if (bytes === undefined) return NO_LINES;
  const located = parseLocatedYaml(Buffer.from(bytes).toString('utf8'));
  return isLeft(located)
    ? { ofProblem: located.left.line, ofKey: () => null }
    : { ofProblem: null, ofKey: (key) => located.right.lineOf(stepsIn(located.right.value, key)) };
};

const NO_LINES: Lines = { ofProblem: null, ofKey: () => null };

type Steps = readonly (string | number)[];

/**
 * The steps of `config.run[0]` in the value that it is about, because names may have dots and brackets in them. What is
 * missing in the value is left out. Where there are two ways, the one over the longer names is taken.
 */
const stepsIn = (value: unknown, key: string): Steps => wayThrough(value, key).steps;

interface Way {
  readonly steps: Steps;
  /** Number of characters of the key that lead to nothing in the value. */
  readonly unread: number;
}

const wayThrough = (value: unknown, key: string): Way => {
  const stop: Way = { steps: [], unread: key.length };
  if (Array.isArray(value)) {
    const place = /^\[(\d+)\]/.exec(key);
    return place === null
      ? stop
      : wayOver(Number(place[1]), value[Number(place[1])], key.slice(place[0].length));
  }
  if (typeof value !== 'object' || value === null) return stop;
  return Object.entries(value)
    .filter(([name]) => key.startsWith(name) && ['', '.', '['].includes(key.charAt(name.length)))
    .sort(([a], [b]) => b.length - a.length)
    .map(([name, member]) => wayOver(name, member, key.slice(name.length)))
    .reduce((best, way) => (way.unread < best.unread ? way : best), stop);
};

const wayOver = (step: string | number, member: unknown, rest: string): Way => {
  const { steps, unread } = wayThrough(member, rest.startsWith('.') ? rest.slice(1) : rest);
  return { steps: [step, ...steps], unread };
};
