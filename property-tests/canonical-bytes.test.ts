import * as fc from 'fast-check';
import {
  type CanonicalBytes,
  canonicalBytes,
  flush,
  jsonBytes,
  knownTexts,
  writeBytes,
  writeKnown,
  writeNumber,
  writeText,
  writeValue,
} from '../src/domain/documents/canonical-bytes.js';
import { canonicalJson } from '../src/domain/documents/canonical-json.js';
import type { Json } from '../src/domain/documents/json.js';
import { testLaw } from '../test/planner/law.js';

type Write = (out: CanonicalBytes, value: Json) => void;

const write: Write = (out, value) => {
  if (typeof value === 'string') writeText(out, value);
  else if (typeof value === 'number') writeNumber(out, value);
  else writeValue(out, value);
};

/** What is written as the items of a list, whatever the pieces in which it is taken. */
const written = (values: readonly Json[], one: Write): string => {
  const taken: Buffer[] = [];
  // What is taken is not kept by whoever writes: it is copied here.
  const out = canonicalBytes((bytes) => taken.push(Buffer.from(bytes)));
  values.forEach((value, index) => {
    writeBytes(out, jsonBytes(index === 0 ? '[' : ','));
    one(out, value);
  });
  writeBytes(out, jsonBytes(values.length === 0 ? '[]' : ']'));
  flush(out);
  return Buffer.concat(taken).toString();
};

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '"',
    '\\',
    '\u0000',
    '\u001f',
    '\u007f',
    '\u0080',
    '\ud800',
    'a\udc00b',
    '\ufffd',
    '\u{1f600}',
  ),
);

/** Texts that do not fit into what is left of the buffer, or into none. */
const longText = fc
  .tuple(fc.constantFrom(100, 65_533, 65_534, 65_535, 70_000), text)
  .map(([length, end]) => `${'x'.repeat(length)}${end}`);

const number = fc.oneof(
  fc.nat(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 1e21, 0.1),
);

const values = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: text },
    { weight: 1, arbitrary: longText },
    { weight: 4, arbitrary: number },
    { weight: 2, arbitrary: fc.jsonValue().map((value): Json => JSON.parse(JSON.stringify(value))) },
  ),
  { maxLength: 20 },
);

testLaw(
  'what is written piece by piece is the canonical JSON, byte for byte',
  (one: Write) => fc.property(values, (list) => written(list, one) === canonicalJson(list)),
  write,
  {
    'a text that is written without escapes': (out, value) =>
      typeof value === 'string' ? writeBytes(out, jsonBytes(`"${value}"`)) : write(out, value),
    'a number that loses what is behind its point': (out, value) =>
      write(out, typeof value === 'number' ? Math.trunc(value) : value),
    'a number that is cut to 32 bits': (out, value) =>
      write(out, typeof value === 'number' && Number.isInteger(value) ? value | 0 : value),
    'a long text that overtakes what was written before': (out, value) => {
      if (typeof value === 'string' && value.length > 65_534) out.take(jsonBytes(canonicalJson(value)));
      else write(out, value);
    },
  },
);

type WriteKnown = typeof writeKnown;

const texts = fc.array(fc.oneof({ weight: 6, arbitrary: text }, { weight: 1, arbitrary: longText }), {
  minLength: 1,
  maxLength: 8,
});

/** Texts by their places, and the place at which each is looked for, which need not be its own. */
const asked = fc.array(fc.tuple(fc.nat(7), fc.integer({ min: -1, max: 8 })), { maxLength: 12 });

testLaw(
  'what is known is written as it would be if it were not, wherever it is looked for',
  (one: WriteKnown) =>
    fc.property(texts, asked, (all, places) => {
      const known = knownTexts(all);
      const list = places.map(([own, lookedFor]) => ({ text: all[own % all.length] ?? '', lookedFor }));
      let next = 0;
      const found = written(
        list.map(({ text }) => text),
        (out, value) => {
          one(out, known, list[next]?.lookedFor ?? 0, String(value));
          next += 1;
        },
      );
      return found === canonicalJson(list.map(({ text }) => text));
    }),
  writeKnown,
  {
    'a place that is believed': (out, known, place) =>
      writeKnown(out, known, place, known.texts[place] ?? ''),
    'a text that is cut where the next one begins': (out, known, place, one) =>
      writeKnown(out, { ...known, starts: known.starts.map((start) => Math.max(0, start - 1)) }, place, one),
  },
);
