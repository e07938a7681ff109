import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFile, jsonRows, withMember } from '../../src/factories/built-in/validate/json-rows.js';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const rowsOf = async (text: string, size = 7): Promise<readonly string[]> => {
  const rows: string[] = [];
  for await (const row of jsonRows(inPieces(text, size))) rows.push(Buffer.from(row.text).toString('utf8'));
  return rows;
};

const textOf = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

const value = fc.oneof(
  fc.dictionary(fc.string(), fc.jsonValue()),
  fc.dictionary(fc.string(), fc.constantFrom('"', '\\"', '}{][,', '\u00e4\n')),
);

test('rows are found as they are written, in an array or one after another, wherever the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(value, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(0, 2),
      async (values, size, indent) => {
        const texts = values.map((each) => JSON.stringify(each, null, indent));
        for (const text of [`[${texts.join(', ')}]`, texts.join('\n'), `\ufeff ${texts.join(' ')} \n`])
          expect(await rowsOf(text, size)).toEqual(texts);
      },
    ),
  );
});

test('a file of all its rows has the same rows, in the shape in which they were', async () => {
  for (const text of ['[{"a": 1e2},\n {"a":"]"}]', '{"a":1}\n{"a":[{}]}\n']) {
    const again = await textOf(jsonFile(jsonRows(inPieces(text, 3))));
    expect(await rowsOf(again)).toEqual(await rowsOf(text));
    expect(again.startsWith('[')).toBe(text.startsWith('['));
  }
});

test('values that are not objects are rows as well, and numbers end where they end', async () => {
  expect(await rowsOf('[1, "a,]", null,[2,{}] ]')).toEqual(['1', '"a,]"', 'null', '[2,{}]']);
  expect(await rowsOf('1 22\n"x"true')).toEqual(['1', '22', '"x"', 'true']);
  expect(await rowsOf('  ')).toEqual([]);
});

test('a member is added to what a row has', () => {
  const added = (text: string) =>
    Buffer.from(withMember({ text: Buffer.from(text), shape: 'lines' }, 'rule', 'a "b"').text).toString();
  expect(added('{ "a": {} }')).toBe('{ "a": {} ,"rule":"a \\"b\\""}');
  expect(added('{}')).toBe('{"rule":"a \\"b\\""}');
  expect(added('7')).toBe('7');
});
