import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueAt } from '../../../src/factories/built-in/http-collect/answer-rows.js';
import { cutList, LIST } from '../../../src/factories/built-in/http-collect/cut-list.js';
import { prop } from '../../support/prop.js';

const Names = fc.array(fc.constantFrom('data', 'a"b', '1', 'x\\', '{'), { maxLength: 3 });
const Indent = fc.constantFrom(0, 1, '\t');
/** Texts with what could be taken for the structure of JSON. */
const Element = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('"', '\\', '\\"', '],', '}', '{"a":[', ',', { 'k"]': ['\\'] }, [[], {}]),
);

const nested = (path: readonly string[], list: unknown, beside: unknown): unknown =>
  path.reduceRight<unknown>((inner, name) => ({ beside, [name]: inner, last: beside }), list);

/** The list that the pieces make together, and the rest. */
const put = (text: string, path: readonly string[], piece: number) => {
  const cut = cutList(text, path, piece);
  return cut === null
    ? null
    : {
        rest: JSON.parse(cut.rest) as unknown,
        list: [...cut.pieces].flatMap((text) => JSON.parse(text) as unknown[]),
      };
};

prop([Names, fc.array(Element), Element, Indent, fc.integer({ min: 1, max: 60 })])(
  'a list that is cut out of a document has all its elements in their order, and the rest is the document',
  (path, list, beside, indent, piece) => {
    const text = JSON.stringify(nested(path, list, beside), null, indent);
    expect(put(text, path, piece)).toEqual({
      rest: JSON.parse(JSON.stringify(nested(path, LIST, beside))),
      list: JSON.parse(JSON.stringify(list)),
    });
  },
);

prop([
  Names,
  fc.array(Element),
  fc.nat(),
  fc.constantFrom('', ',', ']', '}', '"', '[', '1', ':', '\\'),
  fc.integer({ min: 1, max: 60 }),
])(
  'a text in which one character is another one, or missing, is cut to what it is, or is not JSON any more',
  (path, list, place, character, piece) => {
    const whole = JSON.stringify(nested(path, list, 0));
    const at = place % whole.length;
    const text = `${whole.slice(0, at)}${character}${whole.slice(at + 1)}`;
    const parsed = outcomeOf(() => JSON.parse(text) as unknown);
    const cut = outcomeOf(() => put(text, path, piece));
    if (cut === 'refused') expect(parsed).toBe('refused');
    else if (cut !== null && parsed === 'refused') throw new Error(`taken for JSON: ${text}`);
    else if (cut !== null && (path.length === 0 ? cut.rest : valueAt(cut.rest, path.join('.'))) === LIST)
      expect(cut.list).toEqual(path.length === 0 ? parsed : valueAt(parsed, path.join('.')));
  },
);

const outcomeOf = <A>(body: () => A): A | 'refused' => {
  try {
    return body();
  } catch {
    return 'refused';
  }
};

test.each([
  ['a document without the name', '{"a":1}', ['b']],
  ['a value that is not a list', '{"a":{"b":1}}', ['a']],
  ['a list that does not end', '{"a":[1,2', ['a']],
  ['a name inside a text', '"a"', ['a']],
  ['no text', '', []],
])('%s has nothing to cut', (_, text, path) => {
  expect(cutList(text, path)).toBeNull();
});
