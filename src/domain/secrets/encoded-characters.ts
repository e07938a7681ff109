/** Names that HTML has for characters of ASCII. */
const HTML_NAMES: Readonly<Record<string, readonly string[]>> = {
  '\t': ['Tab'],
  '\n': ['NewLine'],
  '!': ['excl'],
  '"': ['quot', 'QUOT'],
  '#': ['num'],
  $: ['dollar'],
  '%': ['percnt'],
  '&': ['amp', 'AMP'],
  "'": ['apos'],
  '(': ['lpar'],
  ')': ['rpar'],
  '*': ['ast', 'midast'],
  '+': ['plus'],
  ',': ['comma'],
  '.': ['period'],
  '/': ['sol'],
  ':': ['colon'],
  ';': ['semi'],
  '<': ['lt', 'LT'],
  '=': ['equals'],
  '>': ['gt', 'GT'],
  '?': ['quest'],
  '@': ['commat'],
  '[': ['lsqb', 'lbrack'],
  '\\': ['bsol'],
  ']': ['rsqb', 'rbrack'],
  '^': ['Hat'],
  _: ['lowbar', 'UnderBar'],
  '`': ['grave', 'DiacriticalGrave'],
  '{': ['lcub', 'lbrace'],
  '|': ['verbar', 'vert', 'VerticalLine'],
  '}': ['rcub', 'rbrace'],
};

/** Escapes of JSON and of programming languages with a letter of their own. */
const LETTERS: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' };

/** Characters of ASCII that shells and others escape by a backslash. */
const PUNCTUATION = /[ -/:-@[-`{-~]/;
/** A quotation mark within such marks, as shells have it: `'\''` and `'"'"'`. */
const QUOTES_IN_QUOTES = ["'\\\\''", `'"'"'`];

/** Shorter ones would be found in anything. */
const SHORTEST = 4;
/** Number of characters up to which each is looked for in all encodings; in longer secrets letters and digits as they are: only what encodes every character encodes these. */
const LONGEST = 200;
/** Number of encoded characters up to which a pattern compiles soon; what has more is found line by line, and in the forms that most programs use. */
const MOST_ENCODED = 200;
/** A text could make many characters that begin an encoding of themselves be tried in very many ways. */
const MOST_AMBIGUOUS = 8;

/**
 * The pattern of a secret of which each character may be encoded by itself: as an entity of HTML by name, in decimal or in
 * hexadecimal, by an escape of JSON, of a shell or of a programming language, in percent as in URLs, or as mails do (`=3D`). None for what is too short, or too long to be tried so.
 */
export const encodedCharacters = (secret: string): readonly string[] =>
  secret.length > LONGEST ? encodedPunctuation(secret) : patternOf(secret, encodingsOf);

/** The same where letters and digits stand as they are. */
export const encodedPunctuation = (secret: string): readonly string[] =>
  secret.replace(UNTOUCHED, '').length > MOST_ENCODED
    ? []
    : patternOf(secret, (character) => (/[A-Za-z0-9]/.test(character) ? character : encodingsOf(character)));

const UNTOUCHED = /[A-Za-z0-9]+/g;

const patternOf = (secret: string, formOf: (character: string) => string): readonly string[] => {
  const characters = [...secret];
  const ambiguous = characters.filter((character, at) => isAmbiguous(character, characters[at + 1] ?? ''));
  return characters.length < SHORTEST || ambiguous.length > MOST_AMBIGUOUS
    ? []
    : [characters.map(formOf).join('')];
};

/** Tells whether a character, as it stands with the one that follows, looks like the beginning of an encoding of itself: `%25`, `&amp;`, `\\\\`. */
const isAmbiguous = (character: string, next: string): boolean => {
  switch (character) {
    case '\\':
      return true;
    case '&':
      return /[#aA]/.test(next);
    case '%':
      return next === '2';
    case '=':
      return next === '3';
    // Within quotation marks of a shell: `'\\''`.
    case "'":
      return /['"\\]/.test(next);
    default:
      return false;
  }
};

const encodingsOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  const escaped = LETTERS[character] ?? (PUNCTUATION.test(character) ? character : null);
  const bytes = [...Buffer.from(character)].map((byte) => inAnyCase(byte.toString(16).padStart(2, '0')));
  const octal = [...Buffer.from(character)].map((byte) => byte.toString(8).padStart(3, '0'));
  const encodings = [
    `&#0*${code};?`,
    `&#[xX]0*${inAnyCase(hex)};?`,
    ...(HTML_NAMES[character] ?? []).map((name) => `&${name};`),
    [...Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))]
      .map((unit) => `\\\\u${inAnyCase(unit.toString(16).padStart(4, '0'))}`)
      .join(''),
    ...(escaped === null ? [] : [`\\\\${literal(escaped)}`]),
    bytes.map((byte) => `%${byte}`).join(''),
    bytes.map((byte) => `\\\\x${byte}`).join(''),
    // As programs write characters, and not bytes, of Latin-1.
    ...(code >= 0x80 && code <= 0xff ? [`(?:\\\\x|%)${inAnyCase(hex)}`] : []),
    bytes.map((byte) => `=${byte}`).join(''),
    octal.map((byte) => `\\\\${byte}`).join(''),
    `\\\\u\\{0*${inAnyCase(hex)}\\}`,
    `\\\\U${inAnyCase(hex.padStart(8, '0'))}`,
    ...(character === "'" ? QUOTES_IN_QUOTES : []),
    ...(character === ' ' ? ['\\+'] : []),
    literal(character),
  ];
  return `(?:${encodings.join('|')})`;
};

const inAnyCase = (hex: string): string =>
  hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

/** The pattern of a text as it stands. */
export const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
