import { type Either, isLeft, left, map, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { KeyError } from '../documents/decode-error.js';
import { exactType } from '../documents/exact-type.js';
import { oneOrMore } from '../documents/one-or-more.js';
import { TextListCodec } from '../documents/text-list.js';
import { expandBraces } from '../paths/glob-braces.js';
import { type Glob, parseGlob } from '../paths/glob-pattern.js';
import { matchesGlob } from '../paths/matches-glob.js';
import { namesOf, type PondPath, ROOT } from '../paths/pond-path.js';
import { type Change, pathsOf } from '../tree/change.js';

const CHANGE_KINDS = ['created', 'modified', 'deleted', 'renamed'] as const;

const KindCodec = t.keyof(
  { created: null, modified: null, deleted: null, renamed: null },
  'created, modified, deleted or renamed',
);

/** A condition as it is written and stored: which changes set a task off. Empty lists: whatever it is. */
export type ConditionWords = {
  /** Patterns of paths, any of which is enough: `/in/**`. */
  readonly path_pattern: readonly string[];
  /** Patterns of paths that do not count. */
  readonly exclude: readonly string[];
  readonly on: readonly Change['kind'][];
};

export const ConditionWordsCodec: t.Type<ConditionWords> = t.readonly(
  t.type(
    {
      path_pattern: t.readonlyArray(t.string),
      exclude: t.readonlyArray(t.string),
      on: t.readonlyArray(KindCodec),
    },
    'Condition',
  ),
);

/** A condition that can be tried on a commit. */
export interface Condition {
  readonly words: ConditionWords;
  /** Null: any path. */
  readonly patterns: readonly Glob[] | null;
  readonly excluded: readonly Glob[];
}

const Kinds = oneOrMore(KindCodec, `one or more of ${CHANGE_KINDS.join(', ')}`);

/** One kind or a list of kinds, decoded as a list in the order of {@link CHANGE_KINDS}. */
const KindsCodec = new t.Type<ConditionWords['on'], unknown, unknown>(
  Kinds.name,
  Kinds.is,
  (input, context) =>
    map((kinds: ConditionWords['on']) => CHANGE_KINDS.filter((kind) => kinds.includes(kind)))(
      Kinds.validate(input, context),
    ),
  t.identity,
);

/** The key `condition` of an envelope. */
export const ConditionCodec = exactType(
  'condition',
  {},
  { path_pattern: TextListCodec, exclude: TextListCodec, on: KindsCodec },
);

/** Reads the patterns of a decoded condition; `prefix` is put before the keys of errors. */
export const readCondition = (
  { path_pattern, exclude, on }: t.TypeOf<typeof ConditionCodec>,
  prefix: string,
): Either<readonly KeyError[], Condition> => {
  const errors: KeyError[] = [];
  const globs = (texts: readonly string[], key: string): readonly Glob[] =>
    texts.flatMap((text, index) => {
      const glob = parseGlob(text, ROOT);
      if (!isLeft(glob)) return [glob.right];
      errors.push({
        key: texts.length === 1 ? `${prefix}.${key}` : `${prefix}.${key}[${index}]`,
        message: `expected a pattern such as /in/**, got ${JSON.stringify(text)}: ${glob.left.problem}`,
      });
      return [];
    });
  const condition: Condition = {
    words: { path_pattern: path_pattern ?? [], exclude: exclude ?? [], on: on ?? [] },
    patterns: path_pattern === undefined ? null : globs(path_pattern, 'path_pattern'),
    excluded: globs(exclude ?? [], 'exclude').map(withTheDirectory),
  };
  return errors.length > 0 ? left(errors) : right(condition);
};

/**
 * Names the patterns of a condition that do not begin with `/`; `prefix` is put before the keys. They are taken from the
 * root, as every plan has taken them, but nobody sees that: a new entry is to say it.
 */
export const relativePatterns = (
  { path_pattern, exclude }: Pick<ConditionWords, 'path_pattern' | 'exclude'>,
  prefix: string,
): readonly KeyError[] =>
  Object.entries({ path_pattern, exclude }).flatMap(([key, texts]) =>
    texts.flatMap((text, index) => {
      const meant = expandBraces(text);
      if (isLeft(meant) || meant.right.every((one) => one.startsWith('/'))) return [];
      const place = texts.length === 1 ? '' : `[${index}]`;
      const wanted = JSON.stringify(`/${text.replace(/^(\.?\/)+/, '')}`);
      return [
        {
          key: `${prefix}.${key}${place}`,
          message: `expected a pattern that begins with /, got ${JSON.stringify(text)}: write ${wanted}`,
        },
      ];
    }),
  );

/** Excluding everything below a directory means the directory, too: it is made together with its first file. */
const withTheDirectory = (glob: Glob): Glob =>
  glob.flatMap((segments) =>
    segments.length > 1 && segments.at(-1)?.kind === 'any-depth'
      ? [segments, segments.slice(0, -1)]
      : [segments],
  );

/** A change with its paths taken apart, so that many conditions can be tried on it cheaply. */
export interface SplitChange {
  readonly kind: Change['kind'];
  readonly paths: readonly (readonly string[])[];
}

export const splitChange = (change: Change): SplitChange => ({
  kind: change.kind,
  paths: pathsOf(change).map(namesOf),
});

/** Tells whether one of the changes is of a kind, and at a path, that the condition names. A rename counts with both paths. */
export const isMet = ({ words, patterns, excluded }: Condition, changes: readonly SplitChange[]): boolean =>
  changes.some(
    ({ kind, paths }) =>
      (words.on.length === 0 || words.on.includes(kind)) &&
      paths.some(
        (names) =>
          (patterns === null || patterns.some((glob) => matchesGlob(glob, names))) &&
          !excluded.some((glob) => matchesGlob(glob, names)),
      ),
  );

/** Those of the changes that a condition names; without a condition all of them. */
export const relevantChanges = (
  condition: Condition | null,
  changes: readonly Change[],
): readonly Change[] =>
  condition === null ? changes : changes.filter((change) => isMet(condition, [splitChange(change)]));

/** The condition reduced to the patterns that name paths below a directory of the root; null where none does. */
export const conditionUnder = (condition: Condition, directory: PondPath): Condition | null => {
  const [name] = namesOf(directory);
  const patterns = (condition.patterns ?? [])
    .map((glob) => glob.filter(([first]) => first?.kind === 'name' && first.name === name))
    .filter((glob) => glob.length > 0);
  return patterns.length === 0 ? null : { ...condition, patterns };
};
