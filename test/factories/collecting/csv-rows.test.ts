import { expect, test } from 'vitest';
import { csvRows } from '../../../src/factories/built-in/collecting/csv-rows.js';

test('values in quotes may have the delimiter, quotes and new lines', () => {
  expect([...csvRows('\ufeffa;b\r\n"x;""y""";"1\r\n2"\r\n\r\n;3\r\n')]).toEqual([
    { a: 'x;"y"', b: '1\r\n2' },
    { a: null, b: '3' },
  ]);
  expect([...csvRows('a,b\n1,2')]).toEqual([{ a: '1', b: '2' }]);
});

test('a quote that is not closed is refused with the line that opens it', () => {
  expect(() => [...csvRows('a,b\n1,2\n3,"4\n5,6\n7,8\n')]).toThrow(
    'the quote that line 3 opens is not closed',
  );
  expect(() => [...csvRows('"a,b\n1,2\n')]).toThrow('the quote that line 1 opens is not closed');
});

test('a line of an error is that of the text, whatever new lines and empty lines come before it', () => {
  expect(() => [...csvRows('a,b\n"1\n2\n3",4\n\n5,6\n7,8,9\n')]).toThrow(
    'line 7 has 3 values and there are 2 columns',
  );
  expect(() => [...csvRows('a,b\n1,2\n"x\ny",2,3\n')]).toThrow('line 3 has 3 values');
});
