import { encodedCharacters, encodedPunctuation, literal } from './encoded-characters.js';
import { CUT_MARKS } from './torn-text.js';

/** Takes secrets out of a string. */
export type Redact = (text: string) => string;

/** Leaves every string as it is, where there is no secret to be taken out. */
export const NO_SECRETS: Redact = (text) => text;

/** Mark that stands in the place of a secret. */
export const REDACTED = '***';

/** Shorter values (`80`, `/`) are not secrets that could be kept; they go only where they stand as a word of their own. */
const SHORTEST_ANYWHERE = 4;

/**
 * Replaces secrets by `***`, in the forms in which programs tend to print them: as they are, in JSON, in a URL or form,
 * in HTML, in hexadecimal, in base64 at every alignment, and line by line.
 */
export const redactor = (secrets: readonly string[]): Redact => {
  const longestFirst = [...new Set(secrets)]
    .filter((secret) => secret.trim() !== '')
    .sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return NO_SECRETS;
  const whole = new RegExp(patternOfSecrets(longestFirst), 'gu');
  const parts = longestFirst.flatMap(cutInTwo);
  const cut = parts.length === 0 ? null : new RegExp(parts.join('|'), 'gu');
  // Most strings are shorter than a secret, and most commands say nothing else: compiling the pattern takes longer than all of these.
  const shortest = Math.min(...longestFirst.map(shortestPart));
  return (text) => {
    if (text.length < shortest) return text;
    const without = text.replace(whole, REDACTED);
    return cut === null || !CUT_MARKS.some((mark) => without.includes(mark))
      ? without
      : without.replace(cut, REDACTED);
  };
};

/** The pattern of all forms of whole secrets, of which longer ones come first: of two secrets one may begin with the other. */
export const patternOfSecrets = (secrets: readonly string[]): string => {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  // What may be encoded comes first, lest a beginning of it be taken for all.
  return [...secrets.flatMap(encodedCharacters), ...forms.map(patternOf)].join('|');
};

/** Number of UTF-16 units that each form of a secret has at least, and each of a part of it that is looked for by itself. */
const shortestPart = (secret: string): number => {
  const parts = [
    secret,
    ...linesOf(secret),
    ...(cutsOf(secret).length > 0 ? secret.split(BETWEEN_WORDS) : []),
  ];
  return Math.min(...parts.map((part) => [...part].length).filter((length) => length > 0));
};

const formsOf = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret);
  const derived = [
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(bytes.toString()),
    new URLSearchParams({ v: bytes.toString() }).toString().slice(2),
    htmlOf(secret),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64Of(bytes),
    ...linesOf(secret),
  ].filter((form) => form.length >= SHORTEST_ANYWHERE);
  return [secret, ...derived];
};

const linesOf = (secret: string): readonly string[] => secret.split(/\r?\n/).map((line) => line.trim());

/** Longer secrets, and those of more words, are found whole only, and line by line: each cut is tried in all that a character can be encoded as. */
const LONGEST_CUT = 200;
const MOST_CUTS = 16;
const BETWEEN_WORDS = /[\s,{}<>]/g;
const CUT_MARK = `(?:${CUT_MARKS.map(literal).join('|')})`;

/**
 * Beginnings of a secret before, and ends of it behind, the mark of a cut: what is long is cut between words, members or elements,
 * and a secret may have several.
 */
const cutInTwo = (secret: string): readonly string[] =>
  cutsOf(secret).flatMap((end) => [
    ...formsOfPart(secret.slice(0, end).trimEnd()).map((form) => `${form}(?=\\s{0,8}${CUT_MARK})`),
    ...formsOfPart(secret.slice(end)).map((form) => `(?<=${CUT_MARK}\\s{0,8})${form}`),
  ]);

/** Places behind which a secret may be cut. */
const cutsOf = (secret: string): readonly number[] => {
  if (secret.length > LONGEST_CUT) return [];
  const cuts = [...secret.matchAll(BETWEEN_WORDS)];
  return cuts.length > MOST_CUTS ? [] : cuts.map(({ index }) => index + 1);
};

const formsOfPart = (part: string): readonly string[] =>
  part.length < SHORTEST_ANYWHERE ? [] : [...encodedPunctuation(part), literal(part)];

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const htmlOf = (secret: string): string =>
  secret.replace(/[&<>"']/g, (character) => HTML[character] ?? character);

/**
 * Base64 of a secret wherever it stands in what is encoded (`user:secret`): for each of the three
 * alignments the characters that depend on nothing but the secret, in both alphabets.
 */
const base64Of = (bytes: Buffer): readonly string[] => {
  const whole = bytes.toString('base64');
  const inside = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = before === 0 ? 0 : before + 1;
    const partial = (before + bytes.length) % 3;
    return encoded.slice(first, partial === 0 ? undefined : -1);
  });
  return [whole, ...inside]
    .filter((form) => form.length >= SHORTEST_BASE64)
    .flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
};

/** Fewer characters might be part of anything. */
const SHORTEST_BASE64 = 6;

const patternOf = (form: string): string =>
  form.length >= SHORTEST_ANYWHERE ? literal(form) : `(?<![\\p{L}\\w])${literal(form)}(?!\\w)`;
