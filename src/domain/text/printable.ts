/*
 * What people read never acts upon their terminal: names, messages and outputs come from anywhere. All text for people
 * goes through here, so that a control or bidirectional character is shown as an escape; so is one that is not seen, by which two
 * names would look the same. The joiners U+200C and U+200D stay, which are spelling in Persian and many other languages, and make emoji.
 */

const ACTING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is shown as escapes
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|(?<![\ud800-\udbff])[\udc80-\udcff]/g;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Bytes of names that are not UTF-8 are shown as what they are; see `escaped-bytes.ts`. */
const STRAY = 0xdc00;

const escaped = (character: string): string => {
  const stray = character.charCodeAt(0) - STRAY;
  if (stray >= 0x80 && stray <= 0xff) return `\\x${stray.toString(16)}`;
  const code = character.charCodeAt(0).toString(16);
  return (
    NAMED[character] ?? (code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`)
  );
};

/** A text on one line: every character that a terminal acts upon is shown as `\n`, `\x1b` or `\u202e`. */
export const printable = (text: string): string => text.replace(ACTING, escaped);

/** The same of a text of several lines, whose line ends stay. */
export const printableLines = (text: string): string =>
  text.replace(ACTING, (character) => (character === '\n' ? character : escaped(character)));

/** JSON of the same value in which nothing acts upon a terminal either. What JSON itself leaves is inside of its strings. */
export const printableJson = (json: string): string =>
  json.replace(ACTING, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Colours that are pond's own, and the marks of its progress line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's own
const OWN = /(\u001b\[(?:0|1|2|31|32|33|36|90)m|\r\u001b\[K)/;

/** A finished output: its own colours and line ends stay, whatever else came into it is shown as an escape. */
export const withOwnMarks = (text: string): string =>
  text
    .split(OWN)
    .map((part, index) => (index % 2 === 1 ? part : printableLines(part)))
    .join('');

/**
 * A value for a renderer: all strings in it are printable, in lists, maps and records, too; keys that the program gave
 * stay as they are. Strings of several lines are those of messages, whose renderer decides what becomes of lines.
 */
export const printableDeep = <A>(value: A): A => deep(value, false) as A;

/** Fields that hold what was said, in lines, rather than what something is called. */
const SAID = /message|reason|problem|error|remedy|text|thrown|cause/i;

const deep = (value: unknown, isSaid: boolean): unknown => {
  if (typeof value === 'string') return isSaid ? printableLines(value) : printable(value);
  if (Array.isArray(value)) return value.map((member) => deep(member, isSaid));
  if (value instanceof Map)
    return new Map([...value].map(([key, member]) => [deep(key, false), deep(member, isSaid)]));
  if (value instanceof Set) return new Set([...value].map((member) => deep(member, isSaid)));
  if (typeof value !== 'object' || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [printable(key), deep(member, SAID.test(key))]),
  );
};
