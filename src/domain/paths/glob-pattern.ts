import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { expandBraces } from './glob-braces.js';
import { parseSegment, type Segment } from './glob-segment.js';
import { type InvalidPath, namesOf, type PondPath } from './pond-path.js';

/** Longest pattern: as long as the longest path. */
const PATTERN_MAX = 4096;

/** The pattern is not a glob that can be matched. */
export interface InvalidPattern {
  readonly _tag: 'InvalidPattern';
  readonly pattern: string;
  readonly problem: string;
}

/** Meaning of a glob: lists of names from the root. A path that matches any of them is a match. */
export type Glob = readonly (readonly Segment[])[];

/**
 * Reads a glob. `*` and `?` stay within a name and match a leading dot, `**` as a whole name stands for any number of
 * directories and, at the end, for everything below. A pattern without `/` in front is taken from `workingDirectory`.
 */
export const parseGlob = (
  pattern: string,
  workingDirectory: PondPath,
): Either<InvalidPath | InvalidPattern, Glob> => {
  if (typeof pattern !== 'string')
    return left({ _tag: 'InvalidPath', path: String(pattern), problem: 'not-text' });
  if (pattern === '') return left({ _tag: 'InvalidPath', path: pattern, problem: 'empty' });
  if (pattern.includes('\0')) return left({ _tag: 'InvalidPath', path: pattern, problem: 'nul-byte' });
  if (Buffer.byteLength(pattern) > PATTERN_MAX)
    return left({ _tag: 'InvalidPattern', pattern, problem: `longer than ${PATTERN_MAX} bytes` });
  const expanded = expandBraces(pattern);
  if (isLeft(expanded)) return left({ _tag: 'InvalidPattern', pattern, problem: 'too many alternatives' });
  const texts = expanded.right.map((text) => partsOf(text, workingDirectory));
  if (texts.some(({ names }) => names.includes('..')))
    return left({ _tag: 'InvalidPath', path: pattern, problem: 'parent-traversal' });
  const literal = partsOf(pattern, workingDirectory);
  return right([
    // A path whose names look like a pattern (`[1].csv`) matches itself.
    [...literal.start, ...literal.names].map(asName),
    ...texts.map(({ start, names }) => [...start.map(asName), ...names.map(parseSegment)]),
  ]);
};

const partsOf = (text: string, workingDirectory: PondPath) => ({
  start: text.startsWith('/') ? [] : namesOf(workingDirectory),
  names: text.split('/').filter((name) => name !== '' && name !== '.'),
});

const asName = (name: string): Segment => ({ kind: 'name', name });
