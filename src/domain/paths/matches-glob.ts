import type { Glob } from './glob-pattern.js';
import type { Segment } from './glob-segment.js';

/**
 * Tells whether a path, given as its names from the root, matches a glob: the same paths that TinyFS finds for it, without
 * looking at a pond. `**` at the end stands for one name or more, elsewhere for any number of them.
 */
export const matchesGlob = (glob: Glob, names: readonly string[]): boolean =>
  glob.some((segments) => matchesSegments(segments, names));

const matchesSegments = (segments: readonly Segment[], names: readonly string[]): boolean => {
  // Before the first `**` each segment stands for one name: most paths are told apart there.
  let at = 0;
  for (; at < segments.length; at += 1) {
    const segment = segments[at];
    const name = names[at];
    if (segment?.kind === 'any-depth') break;
    if (segment === undefined || name === undefined || !acceptsName(segment, name)) return false;
  }
  if (at === segments.length) return names.length === at;
  if (at === segments.length - 1) return names.length > at;
  return matchesFromDepth(segments.slice(at), names.slice(at));
};

/** Walks the names with the set of segments that the next name may stand for: no going back, whatever the pattern. */
const matchesFromDepth = (segments: readonly Segment[], names: readonly string[]): boolean => {
  let wanted = withSkippedDepths(segments, [0]);
  for (const [place, name] of names.entries()) {
    const isLast = place === names.length - 1;
    const next: number[] = [];
    for (const at of wanted) {
      const segment = segments[at];
      if (segment === undefined || !acceptsName(segment, name)) continue;
      if (isLast && at === segments.length - 1) return true;
      next.push(segment.kind === 'any-depth' ? at : at + 1);
    }
    if (next.length === 0) return false;
    wanted = withSkippedDepths(segments, next);
  }
  return false;
};

/** `**` may stand for no directory at all, so the segment after it is wanted as well. */
export const withSkippedDepths = (
  segments: readonly Segment[],
  positions: readonly number[],
): readonly number[] => {
  // Each once, however many ways lead to it, and what is added is looked at, too.
  const wanted = new Set(positions);
  for (const at of wanted)
    if (segments[at]?.kind === 'any-depth' && at + 1 < segments.length) wanted.add(at + 1);
  return [...wanted];
};

/** Tells whether a name may stand for a segment. */
export const acceptsName = (segment: Segment, name: string): boolean => {
  switch (segment.kind) {
    case 'any-depth':
      return true;
    case 'name':
      return segment.name === name;
    case 'pattern':
      return segment.matches(name);
  }
};
