import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { Composer, type CST, type Document, isAlias, isMap, isScalar, isSeq, Lexer, Parser } from 'yaml';
import { DEEPEST, tooDeep } from './json-depth.js';

/** Bytes that are not a YAML document of plain data. `problem` is one line and names no line numbers. */
export interface YamlProblem {
  readonly _tag: 'YamlProblem';
  readonly problem: string;
}

/** Number of lexemes (keys, colons, values, line ends ...) that a document may have: each costs a kilobyte while it is parsed. */
const MOST_LEXEMES = 250_000;
/** The same for a plan file, which may hold thousands of operations. */
const MOST_LEXEMES_OF_PLANS = 1_000_000;
/** Number of times that aliases may be followed, those inside what an alias stands for included. */
const MOST_ALIASES = 100;
/** Amount that aliases may add to the document, in nodes and characters: expanding is what makes a small file a bomb. */
const MOST_ADDED = 1_048_576;

/**
 * Reads one YAML 1.2 document of plain data: mappings with string keys, lists, strings, finite numbers, booleans
 * and null. Refused are duplicate keys, tags, merge keys as such (`<<` is a key like any other), several
 * documents, bytes that are not UTF-8, and aliases that expand beyond measure. An empty document is null.
 * Aliases share their value. The caller bounds the size of `bytes`.
 */
export const parseYaml = (bytes: Uint8Array): Either<YamlProblem, unknown> => {
  try {
    // The decoder drops a BOM; other line ends than LF are the same line end (YAML 1.2, section 5.4).
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n');
    const document = onlyDocument(text, MOST_LEXEMES);
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw new Refused(oneLine(problem.message));
    return right(plainData(document));
  } catch (thrown) {
    return left({ _tag: 'YamlProblem', problem: problemOf(thrown) });
  }
};

/** A document whose values can be found again in its text. */
export interface LocatedYaml {
  readonly value: unknown;
  /** The line, from 1, at which the value at a path of keys and places begins; of one that is missing, what it is missing in. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/** The same rules as {@link parseYaml}, for up to a million lexemes; errors and values know their lines. */
export const parseLocatedYaml = (
  given: string,
): Either<YamlProblem & { readonly line: number | null }, LocatedYaml> => {
  const text = given.replace(/\r\n?/g, '\n');
  try {
    const document = onlyDocument(text, MOST_LEXEMES_OF_PLANS);
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) {
      const line = lineAt(text, problem.pos[0]);
      return left({ _tag: 'YamlProblem', problem: oneLine(problem.message), line });
    }
    const value = plainData(document);
    const lineAtOffset = linesIn(text);
    const offsetOf = offsetsIn(document);
    return right({ value, lineOf: (path) => lineAtOffset(offsetOf(path)) });
  } catch (thrown) {
    const line = thrown instanceof Refused && thrown.offset !== null ? lineAt(text, thrown.offset) : null;
    return left({ _tag: 'YamlProblem', problem: problemOf(thrown), line });
  }
};

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** Lines by offset, for many offsets: where lines begin is found out once. */
const linesIn = (text: string): ((offset: number) => number) => {
  let begins: readonly number[] | null = null;
  return (offset) => {
    begins ??= [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
    let [low, high] = [0, begins.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((begins[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
};

type Node = NonNullable<Document['contents']>;

/** Offsets by path, for many paths: the members of a collection are looked through once. */
const offsetsIn = (document: Document): ((path: readonly (string | number)[]) => number) => {
  const membersOf = new Map<Node, ReadonlyMap<string | number, unknown>>();
  const memberOf = (node: Node, step: string | number): unknown => {
    const members = membersOf.get(node) ?? membersByStep(node);
    membersOf.set(node, members);
    return members.get(step);
  };
  return (path) => {
    let found = 0;
    let node: unknown = document.contents;
    for (const step of [null, ...path]) {
      if (step !== null) node = isMap(node) || isSeq(node) ? memberOf(node, step) : undefined;
      if (!(isMap(node) || isSeq(node) || isScalar(node))) break;
      found = node.range?.[0] ?? found;
    }
    return found;
  };
};

const membersByStep = (node: Node): ReadonlyMap<string | number, unknown> => {
  if (isSeq(node)) return new Map(node.items.map((item, place) => [place, item]));
  if (!isMap(node)) return new Map();
  return new Map(
    node.items.flatMap(({ key, value }) =>
      isScalar(key) && typeof key.value === 'string' ? [[key.value, value ?? key] as const] : [],
    ),
  );
};

/** Ends the conversion from any depth; caught above and nowhere else. */
class Refused extends Error {
  constructor(
    message: string,
    /** Place in the text, where that is one. */
    readonly offset: number | null = null,
  ) {
    super(message);
  }
}

const problemOf = (thrown: unknown): string => {
  if (thrown instanceof Refused) return thrown.message;
  if (
    thrown instanceof TypeError &&
    'code' in thrown &&
    thrown.code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
  ) {
    return 'not UTF-8';
  }
  return thrown instanceof Error ? oneLine(thrown.message) : 'cannot be parsed';
};

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 200);

/** The source's one document, not yet checked for anything but its depth and its length. */
const onlyDocument = (text: string, mostLexemes: number): Document => {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'silent',
    stringKeys: false,
    // The composer compares every key with every other one; `plainData` does it with a set.
    uniqueKeys: false,
  });
  let only: Document | null = null;
  for (const document of composer.compose(shallowTokens(text, mostLexemes), true, text.length)) {
    if (only !== null) throw new Refused('more than one document', document.range[0]);
    only = document;
  }
  if (only === null) throw new Refused('cannot be parsed');
  return only;
};

/**
 * The parser keeps a stack of its own, but the composer calls itself for every level: its depth is bounded before
 * it sees a token, because a stack that overflows inside a regular expression takes the whole process with it.
 */
function* shallowTokens(text: string, mostLexemes: number): Generator<CST.Token> {
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > mostLexemes) throw new Refused('too many keys and values');
    yield* parser.next(lexeme);
    // One for the document, one for the scalar under construction.
    if (parser.stack.length > DEEPEST + 2) throw new Refused(tooDeep, parser.offset);
  }
  yield* parser.end();
}

interface Anchored {
  readonly value: unknown;
  /** Nodes and characters, aliases expanded. */
  readonly weight: number;
  /** Aliases inside, expanded. */
  readonly aliases: number;
}

/** The document's value, depth first in document order, so that an alias finds the anchor that is before it. */
const plainData = (document: Document): unknown => {
  const anchors = new Map<string, Anchored | 'unfinished'>();
  let weight = 0;
  let added = 0;
  let aliases = 0;

  const expand = (name: string, offset: number | null): unknown => {
    const anchored = anchors.get(name);
    if (anchored === undefined) throw new Refused(`the alias *${name} has no anchor`, offset);
    if (anchored === 'unfinished')
      throw new Refused(`the alias *${name} stands inside its own anchor`, offset);
    aliases += 1 + anchored.aliases;
    added += anchored.weight;
    weight += anchored.weight;
    if (aliases > MOST_ALIASES || added > MOST_ADDED) throw new Refused('aliases expand too far', offset);
    return anchored.value;
  };

  const convert = (node: unknown, depth: number): unknown => {
    if (depth > DEEPEST) throw new Refused(tooDeep);
    if (node === null) return null;
    if (isAlias(node)) return expand(node.source, node.range?.[0] ?? null);
    const before = { weight, aliases };
    const name = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (name !== undefined) anchors.set(name, 'unfinished');
    weight += 1;
    const value = contents(node, depth);
    if (name !== undefined) {
      anchors.set(name, { value, weight: weight - before.weight, aliases: aliases - before.aliases });
    }
    return value;
  };

  const contents = (node: unknown, depth: number): unknown => {
    if (isScalar(node)) {
      if (typeof node.value === 'string') weight += node.value.length;
      const isWhole = node.format !== 'EXP' && !node.source?.includes('.');
      return plainScalar(node.value, isWhole, node.range?.[0] ?? null);
    }
    if (isSeq(node)) return node.items.map((item) => convert(item, depth + 1));
    if (!isMap(node)) throw new Refused('neither a mapping nor a list nor a scalar');
    const entries = new Map<string, unknown>();
    for (const pair of node.items) {
      const key = convert(pair.key, depth + 1);
      const offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? null) : null;
      if (typeof key !== 'string') throw new Refused(`a key must be a text, got ${shownKey(key)}`, offset);
      if (entries.has(key)) {
        throw new Refused(`the key ${JSON.stringify(key.slice(0, 80))} is there twice`, offset);
      }
      entries.set(key, convert(pair.value, depth + 1));
    }
    // Unlike assignment, this makes `__proto__` a key like any other.
    return Object.fromEntries(entries);
  };

  return convert(document.contents, 0);
};

const plainScalar = (value: unknown, isWhole: boolean, offset: number | null): unknown => {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new Refused('a text with half a surrogate pair', offset);
    return value;
  }
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new Refused('a number that is not finite', offset);
  if (isWhole && !Number.isSafeInteger(value)) {
    throw new Refused('a whole number beyond 2^53 would lose digits; put it in quotes', offset);
  }
  return value;
};

const shownKey = (key: unknown): string => {
  if (Array.isArray(key)) return 'a list';
  return key instanceof Object ? 'a mapping' : String(key);
};
