import * as fc from 'fast-check';

/** A way to damage bytes. Places are fractions of their length. */
type Damage = (bytes: Buffer) => Buffer;

const place = fc.double({ min: 0, max: 1, noNaN: true });
const at = (bytes: Buffer, fraction: number): number => Math.floor(fraction * bytes.length);

const flip = fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(
  ([where, bit]): Damage =>
    (bytes) => {
      const damaged = Buffer.from(bytes);
      const index = Math.min(at(bytes, where), bytes.length - 1);
      if (index >= 0) damaged[index] = (damaged[index] ?? 0) ^ (1 << bit);
      return damaged;
    },
);

const overwrite = fc
  .tuple(place, fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.constantFrom(0, 0x7f, 0xff).map(run)))
  .map(
    ([where, with_]): Damage =>
      (bytes) => {
        const damaged = Buffer.from(bytes);
        damaged.set(with_.subarray(0, Math.max(0, bytes.length - at(bytes, where))), at(bytes, where));
        return damaged;
      },
  );

const truncate = place.map(
  (where): Damage =>
    (bytes) =>
      bytes.subarray(0, at(bytes, where)),
);

const splice = fc.tuple(place, place, place).map(
  ([from, to, where]): Damage =>
    (bytes) => {
      const [start, end] = [at(bytes, Math.min(from, to)), at(bytes, Math.max(from, to))];
      const index = at(bytes, where);
      return Buffer.concat([bytes.subarray(0, index), bytes.subarray(start, end), bytes.subarray(index)]);
    },
);

const cutOut = fc.tuple(place, place).map(
  ([from, to]): Damage =>
    (bytes) => {
      const [start, end] = [at(bytes, Math.min(from, to)), at(bytes, Math.max(from, to))];
      return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
    },
);

function run(byte: number): Uint8Array {
  return new Uint8Array(10).fill(byte);
}

/** Damage to valid bytes: flipped bits, runs, cuts, pieces of themselves in other places, or other bytes altogether. */
export const damage: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.oneof(flip, overwrite), { minLength: 1, maxLength: 6 }).map(inTurn) },
  { weight: 2, arbitrary: fc.oneof(truncate, splice, cutOut) },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 200 }).map(
      (bytes): Damage =>
        () =>
          Buffer.from(bytes),
    ),
  },
);

function inTurn(steps: readonly Damage[]): Damage {
  return (bytes) => steps.reduce((damaged, step) => step(damaged), bytes);
}

const DEEP = 20_000;

/** Texts of JSON values that a reader may trip over. */
const HOSTILE_JSON = [
  ...['null', 'true', '0', '-1', '1e308', '-0', '0.5', '9007199254740993', '1e400', '[]', '{}', '[[]]', '""'],
  ...[
    '"\\ud800"',
    '"\\u0000"',
    '"__proto__"',
    '"../../etc/passwd"',
    '"/etc/passwd"',
    '"/tree/../../etc"',
    '"/tree/./a//b/"',
  ],
  ...['{"__proto__":{"a":1}}', '{"constructor":{"prototype":1}}', '{"a":1,"a":2}', '"\\ud83d\\ude00"'],
  `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
  `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  JSON.stringify('x'.repeat(100_000)),
];

/** JSON with one value, anywhere in it, in place of which there is a hostile one; or a key that is a hostile one. */
export const hostileJson = (text: string): fc.Arbitrary<string> => {
  const values = valuesOf(JSON.parse(text));
  return fc
    .tuple(fc.nat(values.length - 1), fc.constantFrom(...HOSTILE_JSON), fc.boolean())
    .map(([index, hostile, isValue]) =>
      isValue || !text.startsWith('{')
        ? withValue(JSON.parse(text), values[index] ?? [], hostile)
        : `{"__proto__":${hostile},${text.slice(1)}`,
    );
};

type Path = readonly (string | number)[];

const valuesOf = (value: unknown, path: Path = []): readonly Path[] => [
  path,
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => valuesOf(inner, [...path, key]))
    : []),
];

/** The value at a path is replaced in the text, since no value is some of them. */
const withValue = (value: unknown, path: Path, hostile: string): string => {
  const [key, ...rest] = path;
  if (key === undefined) return hostile;
  if (Array.isArray(value)) {
    const items = value.map((item, index) =>
      String(index) === String(key) ? withValue(item, rest, hostile) : JSON.stringify(item),
    );
    return `[${items.join(',')}]`;
  }
  const fields = Object.entries(value as object).map(([name, inner]) => {
    const printed = name === key ? withValue(inner, rest, hostile) : JSON.stringify(inner);
    return `${JSON.stringify(name)}:${printed}`;
  });
  return `{${fields.join(',')}}`;
};
