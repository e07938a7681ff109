import { isRight } from 'fp-ts/lib/Either.js';
import { type Glob, parseGlob } from '../domain/paths/glob-pattern.js';
import { matchesGlob } from '../domain/paths/matches-glob.js';
import { namesOf, type PondPath, ROOT } from '../domain/paths/pond-path.js';
import { isMet, splitChange } from '../domain/plans/condition.js';
import { type Change, pathsOf } from '../domain/tree/change.js';
import type { DiscoveredEntry } from './entries/discovered-entry.js';
import { readEntry } from './entries/read-entry.js';

/** A file that a dynamic node makes of others. */
export interface DerivedFile {
  readonly path: PondPath;
  /** The node that makes it: the file itself, or a directory that it is in. */
  readonly node: PondPath;
  /** Paths, or patterns of paths, of what it is made of. */
  readonly reads: readonly string[];
}

/**
 * Changes of derived files by a commit: those that are made of what it changed, over any number of others, or whose node
 * it changed. Each is modified; whether its content is another one is known when it is read.
 */
export const derivedChanges = (
  files: readonly DerivedFile[],
  changes: readonly Change[],
): readonly Change[] => {
  const unchanged = new Map(files.map((file) => [file.path, { file, reads: globsOf(file) }]));
  for (const { path } of changes) unchanged.delete(path);
  const derived: Change[] = [];
  const open = changes.flatMap(pathsOf);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const names = namesOf(path);
    for (const [at, { file, reads }] of unchanged) {
      if (file.node !== path && !reads.some((glob) => matchesGlob(glob, names))) continue;
      unchanged.delete(at);
      derived.push({ kind: 'modified', path: at, entryType: 'file' });
      open.push(at);
    }
  }
  return derived;
};

/** A text that is not a pattern matches nothing: the node's own error says so when it is read. */
const globsOf = ({ reads }: DerivedFile): readonly Glob[] =>
  reads.flatMap((text) => {
    const glob = parseGlob(text, ROOT);
    return isRight(glob) ? [glob.right] : [];
  });

/** Patterns of conditions that no change of a commit meets: where a derived file matches one, it may have changed. */
export const patternsNotMet = (
  entries: readonly DiscoveredEntry[],
  changes: readonly Change[],
): readonly string[] => {
  const split = changes.map(splitChange);
  const patterns = new Set<string>();
  for (const entry of entries) {
    const reading = readEntry(entry);
    const condition = reading._tag === 'Configured' ? (reading.envelope?.condition ?? null) : null;
    if (condition === null || (reading._tag === 'Configured' && reading.envelope?.enabled === false))
      continue;
    if (isMet(condition, split)) continue;
    for (const pattern of condition.words.path_pattern) patterns.add(pattern);
  }
  return [...patterns];
};
